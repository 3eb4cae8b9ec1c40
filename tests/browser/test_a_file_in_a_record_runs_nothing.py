"""An attack: an uploaded web page and a drawing with scripts, opened in a real browser, never run in this site's name."""

ADDRESS = "/patients/{rich}/documents/DocumentReference/{attached}/"


def test_the_documents_page_asks_no_other_address_and_runs_nothing(hospital, someone):
    doctor = someone(hospital, "d.keller")

    doctor.opens(ADDRESS)

    assert "archive.example.org/letters" in doctor.page.inner_text("main")
    assert doctor.page.query_selector('a[href*="archive.example.org"]') is None
    assert doctor.page.title() != "taken"
    assert doctor.objections == []


def test_a_stored_page_and_a_drawing_are_saved_and_not_opened(hospital, someone):
    doctor = someone(hospital, "d.keller")
    doctor.opens(ADDRESS)

    for name in ("document-1.html", "document-2.svg"):
        with doctor.page.expect_download() as saved:
            doctor.page.click(f"text=Download {name}")
        assert saved.value.suggested_filename == name

    assert doctor.page.url.endswith(ADDRESS.format(**hospital.ids))
    assert doctor.objections == []


def test_neither_runs_where_a_page_of_this_site_would_frame_draw_or_load_it(hospital, someone):
    """Even where markup was smuggled into one of our pages, its files are no script, no picture and no frame."""
    doctor = someone(hospital, "d.keller")
    doctor.opens(ADDRESS)
    files = [hospital.url + ADDRESS.format(**hospital.ids) + f"files/{number}/" for number in (0, 1)]

    ran = doctor.page.evaluate(
        """async files => {
            const tried = [];
            for (const [name, address] of files.flatMap(f => [["script", f], ["img", f], ["iframe", f]])) {
                const made = document.createElement(name);
                tried.push(new Promise(done => {
                    made.onload = () => done(name === "iframe" ? made.contentDocument?.title ?? "" : "loaded");
                    made.onerror = () => done("");
                    setTimeout(() => done(""), 1500);
                }));
                made.src = address;
                document.body.append(made);
            }
            return [await Promise.all(tried), document.title];
        }""",
        files,
    )

    assert ran[0] == [""] * 6
    assert ran[1] != "taken"
    assert not [o for o in doctor.objections if "/patients/" in o and "to http" in o]


def test_a_picture_opens_in_a_sandbox(hospital, someone):
    doctor = someone(hospital, "d.keller")

    response = doctor.opens(ADDRESS + "files/2/")

    assert response.status == 200
    assert response.headers["content-type"] == "image/png"
    assert doctor.page.evaluate("window.origin") == "null"
