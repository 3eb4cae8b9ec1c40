"""One failure of the worker ends neither its thread nor what comes next."""

import threading

import pytest

from wardround.hospital.repeating import repeat_until_stopped

pytestmark = pytest.mark.django_db


def test_what_failed_is_looked_at_again_and_named_without_its_words(caplog):
    stopping, looked = threading.Event(), []

    def look():
        looked.append(1)
        if len(looked) == 2:
            stopping.set()
        raise ValueError("Kovács Ilona")

    repeat_until_stopped(stopping, look, seconds=0.001, what="A check")

    assert len(looked) == 2
    assert "A check failed: ValueError" in caplog.text
    assert "Kovács" not in caplog.text
