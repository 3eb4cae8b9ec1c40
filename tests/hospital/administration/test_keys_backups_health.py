"""What an operator must know of the home, on one page, and never a key."""

from wardround.web.audit.sealing import seal_pending
from wardround.web.home import SYMMETRIC_KEYS


def test_the_page_says_what_runs_what_is_sealed_and_how_much_room_there_is(at_work, make_patient):
    make_patient()
    seal_pending()

    text = at_work.get("/administration/health/").content.decode()

    for said in ("worker", "does not run", "GB free", "last sealed", "No HL7 v2 listener", "1 patient has a data key"):
        assert said in text


def test_it_says_plainly_that_there_is_no_backup_command_yet(at_work):
    assert "There is no backup command yet." in at_work.get("/administration/health/").content.decode()


def test_keys_have_ids_and_no_key_is_shown(at_work, settings):
    text = at_work.get("/administration/health/").content.decode()

    for name in SYMMETRIC_KEYS:
        key = settings.HOME.key(name)
        assert name in text
        assert key.hex() not in text
        assert key.hex()[:8] not in text
    assert "PRIVATE KEY" not in text
