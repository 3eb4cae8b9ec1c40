"""Notes and documents are shown as text and never as markup; a file that leaves is in the audit trail."""

import base64

import pytest

from wardround.hospital.charts.document_text import words_of
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
LETTER = (
    '<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><title>Letter</title><text><paragraph>Fever &amp; cough'
    "</paragraph><table><tr><td>CRP</td><td>148</td></tr></table><script>alert(1)</script></text></ClinicalDocument>"
)


@pytest.fixture
def make_document(make_resource):
    def make(patient: str, kind: str, text: str | bytes, **elements: object) -> str:
        content = text.encode() if isinstance(text, str) else text
        attachment = {"contentType": kind, "data": base64.b64encode(content).decode()}
        stated = {"status": "current", "type": {"text": "Progress note"}, "content": [{"attachment": attachment}]}
        return make_resource("DocumentReference", subject={"reference": f"Patient/{patient}"}, **{**stated, **elements})

    return make


def test_a_note_in_any_language_is_escaped_and_its_paragraphs_stay(text_of, nurse, make_patient, make_document):
    patient = make_patient()
    make_document(patient, "text/plain; charset=utf-8", "A beteg <b>jobban</b> van.\n\n発熱なし。")

    text = text_of(nurse, f"/patients/{patient}/notes/")

    assert "<p>A beteg &lt;b&gt;jobban&lt;/b&gt; van.</p>" in text
    assert "<p>発熱なし。</p>" in text
    assert "No document or report" in text_of(nurse, f"/patients/{patient}/documents/")


def test_a_text_in_latin_1_that_says_so_is_read_so(text_of, nurse, make_patient, make_document):
    patient = make_patient()
    make_document(patient, "text/plain; charset=iso-8859-1", "Jó éjszakát".encode("latin-1"))

    assert "Jó éjszakát" in text_of(nurse, f"/patients/{patient}/notes/")


def test_of_xml_the_words_are_shown_and_no_markup(text_of, nurse, make_patient, make_document):
    patient = make_patient()
    document = make_document(patient, "text/xml", LETTER)

    text = text_of(nurse, f"/patients/{patient}/documents/DocumentReference/{document}/")

    assert "Fever &amp; cough" in text
    assert "CRP | 148" in text
    assert "alert(1)" not in text
    assert "ClinicalDocument" not in text


def test_words_of_broken_markup_are_still_words():
    assert (
        words_of("<p>One<p>Two <b>three") == "One\n\nTwo three" or words_of("<p>One<p>Two <b>three") == "One\nTwo three"
    )


HOSTILE = ("<!--", "<![", "<!", "<?", "</", "<a x='", '<a x="', "<a ", "<script>", "<head>", "&#", "<", "x=")


@pytest.mark.parametrize("part", HOSTILE)
def test_a_hostile_document_is_read_in_one_go(part):
    """Each of these made the reading as long as the square of the document, or broke it: a hundred thousand take a moment."""
    words = words_of(f"<p>Before</p>{part * 100_000}")

    assert words.startswith("Before")


def test_marks_in_scripts_comments_and_quoted_values_are_no_words():
    marked = (
        "<!doctype html><html><head><title>t</title></head><body><p title='x>y'>One &amp; &lt;two&gt;</p>"
        "<script>if (a<b) alert('</p>')</script><!-- <p>three</p> --><style>p{}</style>4 < 5<![CDATA[ <six> ]]>"
    )

    assert words_of(marked) == "One & <two>\n4 < 5 <six>"


@pytest.mark.parametrize("charset", ["idna", "undefined", "punycode", "unicode_escape", "zlib", "utf-7", "nothing"])
def test_a_document_that_states_no_real_charset_does_not_keep_the_chart_from_opening(
    text_of, nurse, make_patient, make_document, charset
):
    patient = make_patient()
    make_document(patient, f"text/plain; charset={charset}", b"Seen at noon. \\ud800 .. +2AA-")

    assert "Seen at noon." in text_of(nurse, f"/patients/{patient}/notes/")


def test_a_picture_or_pdf_is_a_download_and_not_shown(text_of, nurse, make_patient, make_document):
    patient = make_patient()
    document = make_document(patient, "application/pdf", b"%PDF-1.7")

    text = text_of(nurse, f"/patients/{patient}/documents/DocumentReference/{document}/")

    assert "Download document-1.pdf" in text
    assert "%PDF" not in text


def test_a_download_is_a_file_of_no_name_that_no_browser_opens_and_is_audited(
    as_client, nurse, make_patient, make_document
):
    patient = make_patient()
    document = make_document(patient, "text/html", "<script>alert(1)</script>")

    answer = as_client(nurse).get(f"/patients/{patient}/documents/DocumentReference/{document}/files/0/")

    assert answer.content == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="document-1.html"'
    event = AuditEvent.objects.get(action="document.download")
    assert (event.actor_name, event.patient_id, event.what) == (
        nurse.username,
        patient,
        f"DocumentReference/{document}",
    )


@pytest.mark.parametrize("address", ["DocumentReference/none/", "Observation/none/"])
def test_a_document_that_is_not_in_this_chart_is_not_there(address, as_client, nurse, make_patient, make_document):
    patient = make_patient()

    assert as_client(nurse).get(f"/patients/{patient}/documents/{address}").status_code == 404


def test_a_document_of_another_chart_is_not_there(as_client, nurse, make_patient, make_document):
    one, other = make_patient(), make_patient()
    document = make_document(other, "text/plain", "Theirs")
    address = f"/patients/{one}/documents/DocumentReference/{document}/"

    assert as_client(nurse).get(address).status_code == 404
    assert as_client(nurse).get(f"{address}files/0/").status_code == 404
    assert not AuditEvent.objects.filter(action="document.download").exists()


def test_a_note_that_was_entered_in_error_is_no_note(text_of, nurse, make_patient, make_document):
    patient = make_patient()
    make_document(patient, "text/plain", "Wrong patient", status="entered-in-error")

    assert "Wrong patient" not in text_of(nurse, f"/patients/{patient}/notes/")


def test_a_report_says_its_conclusion(text_of, nurse, make_patient, make_resource):
    patient = make_patient()
    make_resource(
        "DiagnosticReport",
        status="final",
        subject={"reference": f"Patient/{patient}"},
        code={"text": "Chest X-ray"},
        conclusion="No <consolidation>.",
    )

    text = text_of(nurse, f"/patients/{patient}/documents/")

    assert "Chest X-ray" in text
    assert "No &lt;consolidation&gt;." in text
