"""What a steward does on the pages of the fix queue and the quarantine."""

OF = "/quality/queue/?of=total_cholesterol&finding={}"


def test_a_decision_is_made_in_place_and_said(hospital, someone):
    steward = someone(hospital, "s.moreau")
    steward.opens(OF.format("decimal_slip"))

    steward.page.click("text=Use 210 mg/dL")
    steward.page.wait_for_selector("text=The suggestion is accepted")

    assert "Nothing of this kind waits" in steward.page.inner_text("#main")
    assert steward.page.url == hospital.url + OF.format("decimal_slip")
    assert steward.objections == []


def test_enter_in_the_box_of_a_correction_corrects_also_without_scripts(hospital, someone):
    steward = someone(hospital, "s.moreau", scripts=False)
    steward.opens(OF.format("unit_slip"))

    steward.page.click("summary:has-text('Correct, or mark as an error')")
    steward.page.fill("input[name=value]", "5,3")
    steward.page.fill("input[name=unit]", "mmol/L")
    steward.page.fill("input[name=reason]", "Read again from the paper form.")
    steward.page.press("input[name=value]", "Enter")

    assert "It is corrected" in steward.page.inner_text("#main")
    assert "Nothing of this kind waits" in steward.page.inner_text("#main")


def test_a_message_is_corrected_where_it_is_read(hospital, someone):
    steward = someone(hospital, "s.moreau")
    steward.opens("/imports/quarantine/?batch={batch}")
    steward.page.click("text=Message 2")
    text = steward.page.input_value("#text")
    assert "2026-03-35" in text

    steward.page.fill("#text", text.replace("2026-03-35", "2026-03-25"))
    steward.page.click("main button.primary")

    assert "has left the quarantine" in steward.page.inner_text("#main")
    assert steward.objections == []
