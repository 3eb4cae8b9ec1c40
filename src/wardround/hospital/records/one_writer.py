"""One writer of the records at a time, on both databases."""

from django.db import connection

from wardround.web.audit.trail import must_be_in_transaction

_LOCK = 0x57415244  # any number that nothing else in this database locks


def hold_other_writers() -> None:
    """Until this transaction ends no other one writes records, so what is looked up before a write is still so after it.

    SQLite's immediate transactions are so from their beginning. Call it before the first look.
    """
    must_be_in_transaction()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
