"""A doctor answers to an estimate in the chart: by mouse, by keyboard alone, and without scripts."""

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
