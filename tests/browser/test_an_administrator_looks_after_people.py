"""What an administrator, a privacy officer and a nurse in an emergency do in the browser, and what ends a session."""

MINUTE = 60_000


def test_an_administrator_adds_a_nurse_who_chooses_her_own_password(hospital, someone):
    administrator = someone(hospital, "a.novak")
    administrator.opens("/")
    administrator.page.fill("#full_name", "Katalin Tóth")
    administrator.page.fill("#username", "k.toth")
    administrator.page.click("text=Add >> visible=true >> nth=-1")
    given = administrator.page.inner_text(".one-time")

    nurse = someone(hospital)
    nurse.opens("/login/")
    nurse.page.fill("#id_username", "k.toth")
    nurse.page.fill("#id_password", given)
    nurse.page.press("#id_password", "Enter")
    nurse.page.wait_for_url("**/password/")
    for field, text in (("#old", given), ("#new", "four quiet herons wade"), ("#again", "four quiet herons wade")):
        nurse.page.fill(field, text)
    nurse.page.press("#again", "Enter")
    nurse.page.wait_for_url("**/worklist/")

    assert "Your password is changed." in nurse.page.inner_text("main")
    assert administrator.objections == []


def test_a_privacy_officer_is_led_to_what_waits_and_reads_what_was_opened(hospital, someone):
    officer = someone(hospital, "p.weber")
    officer.opens("/")

    officer.page.click("text=waits for a review")
    assert "Found unconscious in the corridor" in officer.page.inner_text("main")
    officer.page.click("text=What was opened")

    assert "Who opened this record" in officer.page.inner_text("main")
    assert "b.acs" in officer.page.inner_text("main table")
    assert officer.objections == []


def test_a_nurse_in_an_emergency_needs_number_date_and_reason(hospital, someone):
    nurse = someone(hospital, "n.horvath")
    nurse.opens("/emergency-access/")
    nurse.page.fill("#number", "T-4730")
    nurse.page.fill("#birth", "1972")
    nurse.page.fill("#reason", "Brought in by ambulance")
    nurse.page.click("text=Open the chart")
    assert "There is no such patient." in nurse.page.inner_text("[role=alert]")

    nurse.page.fill("#birth", "1971")
    nurse.page.click("text=Open the chart")
    nurse.page.wait_for_selector(".emergency-strip")
    assert "APÁTI, Lili" in nurse.page.inner_text("body")

    nurse.page.click("text=End it now")
    assert nurse.opens("/patients/{apart}/").status == 404


def test_a_minute_before_the_end_a_page_asks_and_the_person_stays(hospital, someone):
    nurse = someone(hospital, "n.horvath")
    nurse.page.clock.install()
    nurse.opens("/patients/")
    nurse.page.clock.run_for(13 * MINUTE)
    assert not nurse.page.is_visible("#session-end")

    nurse.page.clock.run_for(MINUTE + 2_000)
    nurse.page.wait_for_selector("#session-end[open]")
    nurse.page.keyboard.press("Enter")
    nurse.page.wait_for_selector("#session-end:not([open])", state="attached")

    nurse.page.clock.run_for(13 * MINUTE)
    assert not nurse.page.is_visible("#session-end")
    assert nurse.objections == []


def test_who_was_away_too_long_logs_in_and_is_back_on_the_page(hospital, someone):
    nurse = someone(hospital, "n.horvath", afresh=True)
    nurse.page.clock.install()
    nurse.opens("/patients/{whole}/")
    nurse.page.context.clear_cookies()

    nurse.page.clock.run_for(15 * MINUTE + 2_000)
    nurse.page.wait_for_selector("#id_password")
    nurse.page.fill("#id_username", "n.horvath")
    nurse.page.fill("#id_password", "seven-green-herons")
    nurse.page.press("#id_password", "Enter")
    nurse.page.wait_for_selector(".banner")

    assert nurse.page.url.endswith(f"/patients/{hospital.ids['whole']}/")
