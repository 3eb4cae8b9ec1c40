"""What nurses, doctors and stewards do in the browser."""

import pytest


def test_slash_and_typing_find_a_patient_and_the_name_never_stands_in_the_address(hospital, someone):
    nurse = someone(hospital, "n.horvath")
    nurse.opens("/patients/")

    nurse.page.keyboard.press("/")
    nurse.page.keyboard.type("kősz")
    nurse.page.wait_for_selector("#patient-list:has-text('1 patient for')")

    assert "KŐSZEGHY, Ágnes" in nurse.page.inner_text(".patients tbody")
    assert nurse.page.url == f"{hospital.url}/patients/"
    assert nurse.objections == []


def test_from_any_page_typing_shows_who_answers_and_the_arrow_key_and_enter_open_a_chart(hospital, someone):
    doctor = someone(hospital, "d.keller")
    doctor.opens("/patients/{whole}/")
    doctor.page.wait_for_load_state("load")
    doctor.page.keyboard.press("/")
    doctor.page.keyboard.type("rivera")
    doctor.page.wait_for_selector("#found-patients a:has-text('T-4715')")

    doctor.page.keyboard.press("ArrowDown")
    doctor.page.keyboard.press("Enter")
    doctor.page.wait_for_selector(".banner:has-text('RIVERA, Elena')")

    assert doctor.objections == []


def test_what_the_bar_found_closes_when_the_reader_goes_elsewhere(hospital, someone):
    doctor = someone(hospital, "d.keller")
    doctor.opens("/patients/{whole}/")
    doctor.page.fill("#find-patient", "rivera")
    doctor.page.wait_for_selector("#found-patients a:has-text('T-4715')")

    doctor.page.locator("#h-record").click()

    assert not doctor.page.is_visible("#found-patients")


def test_the_search_works_without_scripts_too(hospital, someone):
    nurse = someone(hospital, "n.horvath", scripts=False)
    nurse.opens("/patients/")

    nurse.page.fill("#find-patient", "szű")
    nurse.page.press("#find-patient", "Enter")

    assert "SZŰCS, Péter" in nurse.page.inner_text(".banner"), "Enter opens the only patient who answers"
    nurse.opens("/patients/")
    nurse.page.fill("#find-patient", "family")
    nurse.page.press("#find-patient", "Enter")
    assert nurse.page.locator(".patients tbody tr").count() > 1


def test_a_chart_is_reached_and_walked_with_the_keyboard_alone(hospital, someone):
    doctor = someone(hospital, "d.keller")
    doctor.opens("/patients/")
    doctor.page.keyboard.press("/")
    doctor.page.keyboard.type("T-4711")
    doctor.page.wait_for_selector("#patient-list:has-text('1 patient for')")

    doctor.page.locator(".patients a").focus()
    doctor.page.keyboard.press("Enter")
    doctor.page.wait_for_selector("#h-reference")
    doctor.page.wait_for_load_state("load")
    doctor.page.keyboard.press("3")
    doctor.page.wait_for_selector("#h-results")
    doctor.page.locator(".rail a >> text=Change history").focus()
    doctor.page.keyboard.press("Enter")
    doctor.page.wait_for_selector("#h-history")

    assert "KŐSZEGHY, Ágnes" in doctor.page.inner_text(".banner")


@pytest.mark.parametrize("width", [1480, 390])
def test_the_name_and_the_allergies_stay_in_sight_however_far_one_reads(hospital, someone, width):
    nurse = someone(hospital, "n.horvath", width=width)
    for path in ("/patients/{whole}/", "/patients/{whole}/enter/vital-signs/"):
        nurse.opens(path)
        nurse.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        nurse.page.wait_for_timeout(50)

        for part in (".banner h1", ".banner .allergies"):
            at = nurse.page.locator(part).bounding_box()
            assert 0 <= at["y"] < 200, (path, part)
            middle = {"x": at["x"] + 12, "y": at["y"] + at["height"] / 2}
            seen = "({x, y}) => document.elementFromPoint(x, y).closest('.banner') !== null"
            assert nurse.page.evaluate(seen, middle), "nothing lies over it"


def test_arrow_keys_walk_the_list_that_is_found_and_enter_opens_a_chart(hospital, someone):
    doctor = someone(hospital, "d.keller")
    doctor.opens("/patients/")
    doctor.page.wait_for_load_state("load")
    doctor.page.keyboard.press("/")
    doctor.page.keyboard.type("rivera")
    doctor.page.wait_for_selector("#patient-list:has-text('2 patients for')")

    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        doctor.page.keyboard.press(key)
    doctor.page.wait_for_selector(".banner")

    assert "RIVERA, Elena" in doctor.page.inner_text(".banner")
    assert "Another patient here has this name" in doctor.page.inner_text(".banner")


def test_enter_opens_the_only_patient_who_answers(hospital, someone):
    doctor = someone(hospital, "d.keller")
    doctor.opens("/patients/")
    doctor.page.fill("#find-patient", "14.03.1958")

    doctor.page.press("#find-patient", "Enter")
    doctor.page.wait_for_selector(".banner")

    assert "T-4715" in doctor.page.inner_text(".banner")
    assert "1958" not in doctor.page.url


def test_the_drawing_to_zoom_is_made_of_the_pages_own_values_and_breaks_no_policy(hospital, someone):
    nurse = someone(hospital, "n.horvath")
    nurse.opens("/patients/{rich}/vital-signs/")
    nurse.page.wait_for_load_state("load")

    nurse.page.click("#zoom summary")
    nurse.page.wait_for_selector(".plot canvas")

    assert nurse.page.locator(".plot").count() == 5
    assert nurse.objections == []


def test_the_first_tab_stop_skips_to_the_content(hospital, someone):
    doctor = someone(hospital, "d.keller")
    doctor.opens("/patients/{whole}/")

    doctor.page.keyboard.press("Tab")
    doctor.page.keyboard.press("Enter")

    assert doctor.page.evaluate("document.activeElement.id") == "main"


def test_a_held_value_is_marked_in_words_and_a_nurse_cannot_decide_it(hospital, someone):
    nurse = someone(hospital, "n.horvath")
    nurse.opens("/patients/{held}/")

    section = nurse.page.inner_text("[aria-labelledby=h-vital-signs]")

    assert "Held: likely 160 mmHg." in section
    assert "Use 160 mmHg" not in section


def test_a_steward_accepts_a_suggestion_and_the_old_value_stays_struck_through(hospital, someone):
    steward = someone(hospital, "s.moreau")
    steward.opens("/patients/{astray}/")

    steward.page.click("text=Use 170 mmHg")

    row = steward.page.locator("[aria-labelledby=h-vital-signs] tbody tr").first
    assert row.locator(".value").inner_text() == "170"
    assert row.locator("s").inner_text() == "17 mmHg"
    assert "amended by s.moreau" in row.inner_text()
    steward.opens("/patients/{astray}/history/")
    assert "17 mmHg → 170 mmHg" in steward.page.inner_text(".changes > li:first-child")
    assert steward.objections == []


def test_the_inter_font_of_this_site_draws_hungarian_names(hospital, someone):
    doctor = someone(hospital, "d.keller")
    doctor.opens("/patients/{whole}/")

    loaded = doctor.page.evaluate(
        "document.fonts.ready.then(() => [...document.fonts].filter(f => f.status === 'loaded').length)"
    )

    assert loaded == 2, "latin and latin-ext"


def test_the_notice_of_a_demonstration_is_on_every_page(hospital, someone):
    nurse = someone(hospital, "n.horvath")

    for path in ("/patients/", "/patients/{whole}/", "/patients/none/"):
        nurse.opens(path)
        assert "names and numbers are invented" in nurse.page.inner_text(".site-notice")


def test_logging_out_closes_the_charts(hospital, someone):
    nurse = someone(hospital, "n.horvath", afresh=True)
    nurse.opens("/patients/{whole}/")

    nurse.page.click(".who summary")
    nurse.page.click("text=Log out")
    nurse.opens("/patients/{whole}/")

    assert "/login/" in nurse.page.url
