"""A doctor answers to an estimate in the chart: by mouse, by keyboard alone, without scripts; and what becomes of it."""

import json
import re
import urllib.request

import pytest


@pytest.fixture
def doctor(hospital, someone):
    def at(**how):
        person = someone(hospital, "d.keller", **how)
        person.opens("/patients/{slip}/")
        return person

    return at


def test_disagreeing_needs_a_reason_then_is_kept(doctor):
    page = doctor().page
    page.click("summary:has-text('Disagree')")

    page.click("button:has-text('Disagree with this reason')")
    assert page.locator(".verdict input[name=reason]:invalid").count() > 0  # the browser stays, nothing was sent

    page.check("input[value=known-already]")
    page.click("button:has-text('Disagree with this reason')")

    page.wait_for_selector("text=You disagreed on")
    assert "The answer is known already" in page.inner_text(".reference")


def test_agreeing_by_keyboard_alone_adds_the_suspected_problem(doctor):
    person = doctor()
    page = person.page
    page.focus(".verdict button[value=agree]")
    page.keyboard.press("Enter")

    page.wait_for_selector("text=You agreed on")
    page.goto(page.url.split("#")[0] + "problems/")
    assert "Coronary" in page.inner_text("main")
    assert person.objections == []


def test_hiding_leaves_one_line_that_shows_it_again_without_scripts(doctor):
    page = doctor(scripts=False).page
    page.click(".verdict button[value=hide]")
    assert "hidden by you until" in page.inner_text(".reference")
    assert page.locator(".reference .axis").count() == 0

    page.click(".reference button[value=show]")

    assert page.locator(".reference .axis").count() > 0


def test_a_verdict_lives_in_the_chart_over_fhir_and_in_the_stewards_count_and_a_changed_one_counts_once(
    judged, someone
):
    before = _counted(judged, someone)
    doctor = someone(judged, "d.keller")
    doctor.opens("/patients/{judged}/")
    heart = doctor.page.locator("article.model", has_text="before angiography")

    heart.locator("summary:has-text('Disagree')").click()
    heart.locator("input[value=does-not-fit]").check()
    heart.locator("textarea").fill("He walks ten miles a day.")
    heart.locator("button[value=disagree]").click()

    doctor.page.wait_for_selector("text=You disagreed on")
    assert "It does not fit what I see in this patient" in heart.inner_text()
    doctor.opens("/patients/{judged}/history/?kind=RiskAssessment")
    assert "Entered by d.keller · Risk assessments" in doctor.page.inner_text("main")

    (assessment,) = _read(judged, "RiskAssessment")
    assert assessment["method"]["coding"][0]["code"] == judged.ids["heart"]
    provenance = next(p for p in _read(judged, "Provenance") if p["activity"]["coding"][0]["code"] == "disagree")
    assert {"reference": f"RiskAssessment/{assessment['id']}"} in provenance["target"]
    assert provenance["reason"][0]["text"] == "He walks ten miles a day."
    assert provenance["agent"][0]["who"]["identifier"]["value"] == "d.keller"

    agreed, disagreed = _counted(judged, someone)
    assert (agreed, disagreed) == (before[0], before[1] + 1)

    doctor.opens("/patients/{judged}/")
    heart.locator("button[value=agree]").click()
    doctor.page.wait_for_selector("text=You agreed on")

    assert _counted(judged, someone) == (before[0] + 1, before[1])
    assert len(_read(judged, "RiskAssessment")) == 2  # both answers stay in the record

    doctor.opens("/patients/{judged}/")
    heart.locator("button[value=take_back]").click()
    doctor.page.wait_for_selector("text=You took your verdict back")

    assert _counted(judged, someone) == before
    assert sorted(one["status"] for one in _read(judged, "RiskAssessment")) == ["entered-in-error", "final"]
    assert heart.locator("button[value=take_back]").count() == 0
    assert doctor.objections == []


def test_several_models_speak_the_best_here_first_and_one_is_withheld_with_its_reason(judged, someone):
    doctor = someone(judged, "d.keller")
    doctor.opens("/patients/{fits}/")
    reference = doctor.page.locator(".reference")

    titles = reference.locator("h3").all_inner_texts()
    withheld = reference.locator(".withheld").inner_text()

    assert titles == ["Coronary heart disease before angiography", "Coronary heart disease, by the first day"]
    assert withheld.startswith("Coronary heart disease under fifty: No estimate is given.")
    assert "patients of about 28 to 50 years" in withheld
    assert reference.locator("button.primary").count() == 1
    assert reference.locator("button[value=agree]").count() == 2


def test_an_answer_to_one_model_is_none_to_another(judged, someone):
    doctor = someone(judged, "d.keller")
    doctor.opens("/patients/{both}/")
    first_day = doctor.page.locator("article.model", has_text="by the first day")

    first_day.locator("button[value=agree]").click()

    doctor.page.wait_for_selector("text=You agreed on")
    assert doctor.page.locator("article.model", has_text="You agreed on").count() == 1
    assert "You agreed on" in first_day.inner_text()


def _counted(site, someone) -> tuple[int, int]:
    """What the steward's page says of the heart model over the whole time: agreed, disagreed."""
    steward = someone(site, "s.moreau")
    steward.opens("/quality/agreement/")
    card = steward.page.locator(".agreement", has_text="before angiography")
    agreed, judged = map(int, re.search(r"(\d+) of (\d+)", card.locator(".strip dd").first.inner_text()).groups())
    return agreed, judged - agreed


def _read(site, type_name: str) -> list[dict]:
    """The resources of this type in the judged patient's chart, as another program reads them over FHIR."""
    address = f"{site.url}/fhir/R4/{type_name}?patient={site.ids['judged']}"
    asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {site.ids['token']}"})
    with urllib.request.urlopen(asked) as answer:
        return [entry["resource"] for entry in json.load(answer).get("entry", [])]
