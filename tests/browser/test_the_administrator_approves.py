"""An administrator decides on a study: she tries it out, compares fingerprints, approves exactly this document, and looks at what left."""


def test_a_study_is_tried_out_compared_and_approved_with_the_keyboard(federated, someone):
    administrator = someone(federated, "a.novak")
    page = administrator.page
    administrator.opens("/studies/{study}/")
    assert "There was no dry run" in page.inner_text("section[aria-labelledby=h-decide]")

    page.press("text=Start the dry run", "Enter")
    page.wait_for_selector("text=Nothing has left this hospital", timeout=120_000)
    dry = page.inner_text("section[aria-labelledby=h-dry]")
    assert "of 60 in the records" in dry
    assert "AUROC" in dry

    page.fill("#told-zurich", federated.ids["cleveland"])
    page.press("#told-zurich", "Enter")
    assert "is confirmed" not in page.inner_text("#main")

    for name in ("cleveland", "zurich"):
        administrator.opens("/studies/{study}/")
        page.fill(f"#told-{name}", federated.ids[name])
        page.press(f"#told-{name}", "Enter")
        assert "is confirmed" in page.inner_text("#main")

    last = page.inner_text(".hash b")
    page.fill("#characters", last)
    page.press("#characters", "Enter")

    assert "Approved. The cohort is frozen" in page.inner_text("#main")
    assert "Approved: the engine may start this study here" in page.inner_text("section[aria-labelledby=h-decide]")

    administrator.opens("/what-left/")
    left = page.inner_text("#main")
    assert "31 receipts: the chain is whole" in left  # those of the run before: neither dry run nor approval sent any

    page.press("text=Check all 31 signatures", "Enter")
    page.wait_for_selector("text=31 receipts, every signature this hospital's", timeout=30_000)
    assert "asked for by a.novak" in page.inner_text("#ledger-check")
    assert administrator.objections == []


def test_a_model_is_switched_off_and_a_reason_is_kept(federated, someone):
    administrator = someone(federated, "a.novak")
    page = administrator.page
    administrator.opens("/models/")

    page.click("summary:has-text('Switch model off')")
    page.fill(".in-use input[name=reason]", "Its inputs are measured otherwise since Monday.")
    page.press(".in-use input[name=reason]", "Enter")

    said = page.inner_text("#main")
    assert "The model is switched off" in said
    assert "Its inputs are measured otherwise since Monday." in said
    assert administrator.objections == []
