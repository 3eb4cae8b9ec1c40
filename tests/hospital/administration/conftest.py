"""The privacy officer, and an administrator at work."""

import pytest

from wardround.web.accounts.models import User


@pytest.fixture
def officer(db):
    return User.objects.create(username="p.weber", role="privacy_officer", password="!")


@pytest.fixture
def at_work(stranger, as_client):
    """The administrator's browser."""
    return as_client(stranger)
