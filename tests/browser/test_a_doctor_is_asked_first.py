"""A study that asks for the doctor's own impression shows its estimate only afterwards: by keyboard, at both widths, sound."""

import pytest
from axe_playwright_python.sync_playwright import Axe


def violations(person):
    found = Axe().run(person.page).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize("width", [1480, 390])
def test_the_question_is_sound(width, asking, someone):
    doctor = someone(asking, "d.keller", width=width)

    doctor.opens("/patients/{asked}/")

    assert doctor.page.get_by_text("what do you think yourself?").is_visible()
    assert doctor.page.get_by_text("What moved the estimate").count() == 0
    assert doctor.overflow() <= 0
    assert violations(doctor) == []
    assert doctor.objections == []


def test_the_answer_is_given_by_the_keyboard_and_the_estimate_follows(asking, someone):
    doctor = someone(asking, "d.keller")
    doctor.opens("/patients/{asked}/")

    doctor.page.get_by_label("It is likely").focus()
    doctor.page.keyboard.press("ArrowDown")
    doctor.page.keyboard.press("Enter")
    doctor.page.get_by_text("What you thought before: It is unlikely.").wait_for()

    assert doctor.page.get_by_text("What moved the estimate").is_visible()
    assert doctor.page.get_by_role("button", name="Agree: add as suspected").is_visible()
    assert violations(doctor) == []
    assert doctor.objections == []
