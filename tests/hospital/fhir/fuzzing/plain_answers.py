"""What every answer must be, whatever was sent: FHIR, without the value, a trace or an error of the server's own."""

from hostile import MARK

TRACES = ("Traceback", 'File "', "django.", "psycopg", "sqlite3", "orjson", "line 1", ".py")
MOST_CHARACTERS = 2000  # of a sentence


def must_be_plain(answer, *, sent=""):
    """Fails where the answer is no FHIR answer that a client can act on."""
    assert answer.status_code < 500, (answer.status_code, sent[:300], answer.content[:500])
    if answer.status_code in {204, 304}:
        assert not answer.content
        return
    assert answer.headers["Content-Type"].startswith("application/fhir+json"), sent[:300]
    document = answer.json()
    if answer.status_code < 400:
        entries = document.get("entry", ()) if document.get("type") == "batch-response" else ()
        assert all(entry["response"]["status"] < "500" for entry in entries), (sent[:300], entries)
        return
    assert document["resourceType"] == "OperationOutcome", sent[:300]
    for issue in document["issue"]:
        sentence = issue["diagnostics"]
        assert issue["severity"] in {"error", "fatal"}
        assert sentence
        assert sentence[0].isupper() or not sentence[0].isalpha() or " " in sentence, sentence
        assert len(sentence) < MOST_CHARACTERS, sentence
        assert MARK not in str(issue), (issue, sent[:300])
        assert not any(trace in sentence for trace in TRACES[:6]), sentence
