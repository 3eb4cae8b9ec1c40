"""A doctor writes: a diagnosis by a synonym with the keyboard, what stands there already, and a value put right with its reason."""

import pytest
from axe_playwright_python.sync_playwright import Axe

PROBLEM = "/patients/{held}/enter/problem/"
VALUE = "/patients/{whole}/correct/Observation/{value}/"


@pytest.fixture
def doctor(hospital, someone):
    """Somebody who has no draft left from another test."""

    def at(path: str, **how):
        person = someone(hospital, "d.keller", **how)
        person.opens_anew(path)
        return person

    return at


def _violations(page) -> list[str]:
    return [violation["id"] for violation in Axe().run(page).response["violations"]]


def _choose_by_keyboard(page, text: str, code: str) -> None:
    page.wait_for_selector("#code_text:focus")
    page.keyboard.type(text)
    page.wait_for_selector(f"input[name=code][value$='|{code}']")
    page.keyboard.press("Tab")
    for _press in range(9):
        if page.evaluate("document.activeElement.value").endswith(f"|{code}"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert page.is_checked(f"input[name=code][value$='|{code}']")


def test_a_diagnosis_is_found_by_a_synonym_with_the_keyboard_and_the_duplicate_is_pointed_out(doctor):
    person = doctor(PROBLEM)
    page = person.page
    _choose_by_keyboard(page, "blood poisoning", "A41.9")
    assert _violations(page) == []
    page.keyboard.press("Control+s")
    page.wait_for_url(lambda url: "/enter/" not in url)
    assert "Sepsis, unspecified organism" in page.inner_text("#main")

    person.opens(PROBLEM)
    _choose_by_keyboard(page, "sepsis", "A41.9")
    page.keyboard.press("Control+s")

    page.wait_for_selector("#why:focus")
    assert "Already recorded on" in page.inner_text("#m-code")
    assert _violations(page) == []
    page.keyboard.type("a second one")
    page.keyboard.press("Control+s")
    page.wait_for_url(lambda url: "/enter/" not in url)
    assert person.objections == []


def test_what_cannot_be_true_is_said_beside_its_box_and_nothing_typed_is_lost(doctor):
    person = doctor(PROBLEM)
    page = person.page
    _choose_by_keyboard(page, "asthma", "J45.909")
    page.fill("#onset", "2150")
    page.fill("#note", "written before")
    page.keyboard.press("Control+s")

    page.wait_for_selector("#onset:focus")
    assert "Cannot be saved." in page.inner_text("#m-onset")
    assert page.input_value("#note") == "written before"
    assert page.is_checked("input[name=code][value$='|J45.909']")
    assert _violations(page) == []
    assert person.overflow() <= 0


def test_without_scripts_a_code_is_searched_by_a_button_and_the_problem_saved(doctor):
    person = doctor(PROBLEM, scripts=False)
    page = person.page
    page.fill("#code_text", "gout")
    page.click("button[name=find]")
    page.check("input[name=code] >> nth=0")
    page.click(".save-bar button.primary")

    page.wait_for_url(lambda url: "/enter/" not in url)
    assert "Saved." in page.inner_text("#main")


@pytest.mark.parametrize("width", [1480, 390])
def test_a_value_is_put_right_with_a_reason_and_the_old_one_is_seen_struck_through(doctor, width):
    person = doctor(VALUE, width=width)
    page = person.page
    old = page.input_value("#value0")
    page.fill("#value0", f"{float(old) + 0.1:.1f}")
    page.click(".save-bar button.primary")
    page.wait_for_selector("#m-why .said-wrong")
    assert _violations(page) == []

    page.fill("#why", "read again from the paper")
    page.keyboard.press("Control+s")
    page.wait_for_url(lambda url: "/correct/" not in url)
    person.opens(VALUE)

    assert old in page.inner_text(".stood s >> nth=-1")
    assert "read again from the paper" in page.inner_text(".stood")
    assert person.overflow() <= 0
    assert person.objections == []


@pytest.mark.parametrize("width", [1480, 390])
def test_whoever_looks_like_a_new_patient_is_shown_side_by_side(doctor, width):
    person = doctor("/patients/new/", width=width)
    page = person.page
    for name, text in {"family": "Kovács", "given": "Ilona", "birth": "02-05-1961"}.items():
        page.fill(f"#{name}", text)
    page.select_option("#sex", "female")
    page.keyboard.press("Control+s")

    page.wait_for_selector("#h-alike")
    assert "02-May-1961" in page.inner_text(".likely-one >> nth=0")
    assert _violations(page) == []
    assert person.overflow() <= 0
    page.click(".likely-one >> nth=0 >> text=It is this patient")
    page.wait_for_selector(".banner")
    assert person.objections == []


DETAILS = "/patients/{rich}/correct/Patient/{rich}/"
LIMIT = "/patients/{rich}/correct/Observation/{limit}/"


@pytest.mark.parametrize("width", [1480, 390])
def test_who_a_patient_is_is_put_right_from_the_banner_with_the_keyboard(doctor, width):
    person = doctor("/patients/{slip}/", width=width)
    page = person.page
    page.focus("text=Correct personal details")
    page.keyboard.press("Enter")
    page.wait_for_selector("#family:focus")
    page.fill("#contact0", f"+36 1 {width}")
    page.keyboard.press("Control+s")
    page.wait_for_selector("#m-why .said-wrong")
    assert _violations(page) == []

    page.fill("#why", "told at the desk")
    page.keyboard.press("Control+s")
    page.wait_for_url(lambda url: "/correct/" not in url)

    assert "Corrected." in page.inner_text("#main")
    person.opens("/patients/{slip}/history/?kind=Patient")
    assert f"+36 1 {width}" in page.inner_text(".changes")
    assert person.overflow() <= 0
    assert person.objections == []


def test_an_age_that_changes_by_decades_is_asked_about_beside_its_box(doctor):
    person = doctor(DETAILS)
    page = person.page
    page.fill("#birth", "1985-03-14")
    page.fill("#why", "as in the passport")
    page.keyboard.press("Control+s")

    page.wait_for_selector("#m-birth .said-odd")
    assert "changes the patient's age by 27 years" in page.inner_text("#m-birth")
    assert _violations(page) == []
    assert person.overflow() <= 0


def test_what_was_typed_into_a_correction_is_there_again(doctor):
    person = doctor(DETAILS)
    page = person.page
    page.fill("#contact0", "+36 1 4715")
    page.wait_for_selector("[data-draft-state].kept")
    person.opens(DETAILS)

    assert page.input_value("#contact0") == "+36 1 4715"
    assert "restored" in page.inner_text(".restored")
    assert _violations(page) == []
    page.click("[name=discard]")
    page.wait_for_load_state()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_result_below_what_is_measured_keeps_its_sign_when_it_is_put_right(doctor, scripts):
    person = doctor(LIMIT, scripts=scripts)
    page = person.page
    assert page.input_value("#value0").startswith("< 0.0")
    right = "< 0.02" if scripts else "< 0.03"
    page.fill("#value0", right)
    page.fill("#why", "read again from the paper")
    page.click(".save-bar button.primary")
    page.wait_for_url(lambda url: "/correct/" not in url)

    person.opens("/patients/{rich}/laboratory/")
    assert right in page.inner_text(".flowsheet")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_death_is_recorded_with_the_discharge_after_one_question_and_taken_back(doctor, scripts):
    person = doctor("/patients/{thin}/enter/admit/", scripts=scripts)
    page = person.page
    page.fill("#ward", "Hospice 1" if scripts else "Hospice 2")
    page.click(".save-bar button.primary")
    page.wait_for_url(lambda url: "/enter/" not in url)
    person.opens("/patients/{thin}/enter/discharge/")
    page.select_option("#way_out", "exp")
    page.click(".save-bar button.primary")
    page.wait_for_selector("#m-way_out .said-odd")
    assert "This records the death of DÜRR, Max" in page.inner_text("#m-way_out")

    page.fill("#why", "certified by Dr Keller")
    page.click(".save-bar button.primary")
    page.wait_for_url(lambda url: "/enter/" not in url)
    assert "Deceased" in page.inner_text(".banner")

    person.opens("/patients/{thin}/correct/Patient/{thin}/")
    page.select_option("#life", "")
    page.fill("#died_date", "")
    page.fill("#died_time", "")
    page.fill("#why", "another patient died")
    page.click(".save-bar button.primary")
    page.wait_for_selector("#m-life .said-odd")
    page.click(".save-bar button.primary")
    page.wait_for_url(lambda url: "/correct/" not in url)
    assert "Deceased" not in page.inner_text(".banner")


@pytest.mark.parametrize("path", ["/patients/{rich}/print/", "/wards/acute-medical/"])
def test_on_paper_there_is_nothing_to_click(path, someone, hospital):
    person = someone(hospital, "d.keller")
    person.opens(path)
    person.page.emulate_media(media="print")

    assert person.page.locator("button:visible, .button:visible").all_inner_texts() == []
