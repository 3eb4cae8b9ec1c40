"""A nurse at the bedside: from the worklist to saved vital signs, with a slip, without a connection, without scripts."""

import pytest

FORM = "/patients/{slip}/enter/vital-signs/"
SAID = "#m-body_temperature"


@pytest.fixture
def nurse(hospital, someone):
    """Somebody who has no draft left from another test."""

    def at(path: str, **how):
        person = someone(hospital, "n.horvath", **how)
        person.opens_anew(path)
        return person

    return at


def _waits_for_draft(page) -> None:
    page.wait_for_selector(".draft-state.kept:not(:empty)")


def test_with_the_keyboard_alone_a_slip_is_caught_and_the_likely_value_taken_with_one_key(nurse):
    person = nurse("/worklist/")
    page, keys = person.page, person.page.keyboard
    page.locator(".go a").first.focus()
    keys.press("Enter")
    page.wait_for_selector("#body_temperature:focus")

    keys.type("386")
    keys.press("Enter")
    page.wait_for_selector("#heart_rate:focus")
    page.wait_for_selector(f"{SAID} .hard")
    assert "Cannot be saved. 386 °C is outside the possible range" in page.inner_text(SAID)
    keys.type("88")
    keys.press("Control+s")
    page.wait_for_selector("#errors")
    page.wait_for_selector("#body_temperature:focus")

    keys.press("F2")
    page.wait_for_selector(f"{SAID} .hard", state="detached")
    assert page.input_value("#body_temperature") == "38.6"
    assert page.input_value("#heart_rate") == "88"
    keys.press("Control+s")
    page.wait_for_url("**/worklist/")
    assert "Saved: 2 values." in page.inner_text(".told")
    page.wait_for_selector(".told:focus")
    assert person.objections == []


def test_from_the_worklist_to_saved_vital_signs_it_is_two_clicks(nurse):
    person = nurse("/worklist/")
    page, clicks = person.page, []
    page.expose_function("counted", lambda: clicks.append(1))
    page.add_init_script("addEventListener('click', (event) => event.isTrusted && counted(), true)")
    page.reload()

    page.locator(".go a").first.click()
    page.wait_for_selector("#body_temperature:focus")
    for value in ("37.1", "74", "124", "78", "16", "97"):
        page.keyboard.type(value)
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Save vital signs").click()
    page.wait_for_url("**/worklist/")

    assert "Saved: 6 values." in page.inner_text("#main")
    assert len(clicks) == 2


def test_a_lost_connection_keeps_what_was_typed_and_says_so(nurse):
    person = nurse(FORM)
    page, connection = person.page, person.page.context
    page.fill("#heart_rate", "91")
    _waits_for_draft(page)

    connection.set_offline(True)
    page.fill("#respiratory_rate", "17")
    page.wait_for_selector(".draft-state.lost")
    assert page.inner_text(".draft-state") == "Not saved: no connection. What you typed is kept here."
    page.get_by_role("button", name="Save vital signs").click()
    assert page.input_value("#respiratory_rate") == "17"
    assert "/enter/vital-signs/" in page.url

    connection.set_offline(False)
    page.wait_for_selector(".draft-state.kept")
    assert page.inner_text(".draft-state").startswith("The connection is back. Draft kept, ")
    assert "rate" not in page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    page.reload()
    assert page.input_value("#heart_rate") == "91"
    assert page.input_value("#respiratory_rate") == "17"


def test_what_was_typed_is_there_after_logging_out_and_in_and_goes_when_it_is_discarded(nurse):
    person = nurse(FORM, afresh=True)
    page = person.page
    page.fill("#heart_rate", "93")
    page.click("details.who summary")
    page.get_by_role("button", name="Log out").click()  # before the draft's second is over: logging out waits for it
    page.wait_for_url("**/login/**")

    page.fill("#id_username", "n.horvath")
    page.fill("#id_password", "seven-green-herons")
    page.press("#id_password", "Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    person.opens(FORM)
    assert page.input_value("#heart_rate") == "93"
    assert "restored" in page.inner_text(".restored")

    page.get_by_role("button", name="Discard").click()
    page.wait_for_load_state()
    assert page.input_value("#heart_rate") == ""
    assert page.query_selector(".restored") is None


def test_whose_log_in_has_ended_keeps_what_was_typed_and_goes_on_after_a_new_one(nurse):
    person = nurse(FORM, afresh=True)
    page, context = person.page, person.page.context
    ended = [one for one in context.cookies() if "session" in one["name"]]
    context.clear_cookies(name=ended[0]["name"])

    page.fill("#heart_rate", "95")
    page.wait_for_selector(".draft-state.lost")
    assert "you were logged out" in page.inner_text(".draft-state")
    page.get_by_role("button", name="Save vital signs").click()
    assert page.input_value("#heart_rate") == "95"

    other = context.new_page()
    other.goto(f"{person.site.url}/login/")
    other.fill("#id_username", "n.horvath")
    other.fill("#id_password", "seven-green-herons")
    other.press("#id_password", "Enter")
    other.wait_for_url(lambda url: "/login/" not in url)
    page.wait_for_selector(".draft-state.kept")
    page.get_by_role("button", name="Save vital signs").click()
    page.wait_for_url(lambda url: "/enter/" not in url)
    assert "Saved: 1 value." in page.inner_text("#main")


def test_what_one_person_typed_is_never_kept_for_another_who_logs_in_at_the_same_browser(nurse):
    person = nurse(FORM, afresh=True)
    page, context = person.page, person.page.context
    ended = [one for one in context.cookies() if "session" in one["name"]]
    context.clear_cookies(name=ended[0]["name"])
    page.fill("#heart_rate", "97")
    page.wait_for_selector(".draft-state.lost")

    other = context.new_page()
    other.goto(f"{person.site.url}/login/")
    other.fill("#id_username", "d.keller")
    other.fill("#id_password", "seven-green-herons")
    other.press("#id_password", "Enter")
    other.wait_for_url(lambda url: "/login/" not in url)
    page.get_by_text("Not saved: somebody else is logged in here now.").first.wait_for()
    page.get_by_role("button", name="Save vital signs").click()
    page.wait_for_timeout(500)

    assert page.input_value("#heart_rate") == "97"
    assert "/enter/" in page.url
    other.goto(person.site.url + FORM.format(**person.site.ids))
    assert other.input_value("#heart_rate") == ""
    assert other.query_selector(".restored") is None


def test_the_form_opens_beside_the_chart_and_the_chart_shows_what_was_saved(nurse):
    person = nurse("/patients/{slip}/")
    page = person.page

    page.get_by_role("link", name="Record vital signs").click()
    page.wait_for_selector("#entry-card #body_temperature:focus")
    assert page.url.endswith("/patients/{slip}/".format(**person.site.ids))
    page.keyboard.type("36.9")
    page.keyboard.press("Control+s")
    page.wait_for_selector("text=Saved: 1 value.")

    assert "36.9" in page.inner_text("#main")
    assert person.objections == []


def test_a_decimal_comma_is_read_and_one_that_may_be_thousands_is_asked_about(nurse):
    page = nurse(FORM).page

    page.fill("#body_weight", "1,234")
    page.keyboard.press("Tab")
    page.wait_for_selector("#m-body_weight .hard")
    assert "Write 1234 or 1.234." in page.inner_text("#m-body_weight")
    page.fill("#body_temperature", "38,6")
    page.fill("#body_weight", "")
    page.keyboard.press("Control+s")
    page.wait_for_url(lambda url: "/enter/" not in url)
    assert "Saved: 1 value." in page.inner_text("#main")


def test_swapped_pressures_are_caught_between_the_boxes_and_swapped_back_with_one_click(nurse):
    page = nurse(FORM).page

    page.fill("#systolic_pressure", "78")
    page.fill("#diastolic_pressure", "132")
    page.keyboard.press("Tab")
    page.wait_for_selector("#m-systolic_pressure .soft")
    page.locator("#m-diastolic_pressure [data-use]").click()
    page.wait_for_selector("#m-systolic_pressure .soft", state="detached")

    assert (page.input_value("#systolic_pressure"), page.input_value("#diastolic_pressure")) == ("132", "78")


def test_without_scripts_the_same_rules_hold_and_nothing_is_lost(nurse):
    person = nurse(FORM, scripts=False)
    page = person.page
    page.fill("#body_temperature", "386")
    page.fill("#heart_rate", "86")
    page.get_by_role("button", name="Save vital signs").click()
    assert "Not saved yet: 1 thing to look at" in page.inner_text("#errors")
    assert page.input_value("#heart_rate") == "86"

    page.get_by_role("button", name="Use 38.6 °C").click()
    assert page.input_value("#body_temperature") == "38.6"
    page.get_by_role("button", name="Save vital signs").click()

    assert "Saved: 2 values." in page.inner_text("#main")
    assert "draft" not in page.inner_text("#main").lower()


def test_a_number_that_misses_its_box_does_not_lead_away_from_what_was_typed(nurse):
    page = nurse(FORM).page
    page.evaluate(
        """() => { window.led = 0; document.querySelector(".rail").addEventListener("click", (event) => {
        event.preventDefault(); window.led += 1; }); }"""
    )
    for typed, led in (("91", 0), ("", 1)):
        page.fill("#heart_rate", typed)
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("3")
        assert page.evaluate("window.led") == led


def test_the_worklist_is_used_at_twice_the_size_without_moving_it_sideways(someone, hospital):
    person = someone(hospital, "n.horvath", width=740)
    person.opens("/worklist/")
    box = person.page.locator(".board .go a").first.bounding_box()

    assert box["x"] + box["width"] <= 740


def test_the_ring_of_the_keyboard_is_seen_on_the_page_where_one_is(someone, hospital):
    person = someone(hospital, "n.horvath")
    person.opens("/worklist/")
    ring = "getComputedStyle(document.activeElement).boxShadow"
    for _step in range(9):
        person.page.keyboard.press("Tab")
        if person.page.evaluate("document.activeElement.matches('.bar nav [aria-current]')"):
            break

    assert person.page.evaluate(ring) == "rgb(255, 221, 0) 0px 0px 0px 5px"
