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
        person.opens(path)
        discard = person.page.query_selector("[name=discard]")
        if discard:
            discard.click()
            person.page.wait_for_load_state()
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
