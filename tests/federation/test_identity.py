"""Fingerprints are read aloud, and a pinned name keeps its key."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from wardround.federation.errors import IdentityError
from wardround.federation.identity import Member, PinnedMembers, fingerprint

OWN = Ed25519PrivateKey.generate()


def member(name="basel"):
    return Member(
        name=name,
        identity=Ed25519PrivateKey.generate().public_key(),
        sealing=X25519PrivateKey.generate().public_key(),
    )


def pinned(*members):
    found = PinnedMembers()
    for one in members:
        found = found.pin(one, confirmed_fingerprint=one.fingerprint)
    return found


def test_a_fingerprint_is_eight_groups_of_four():
    # RFC 8032, test 1; SHA-256 of the public key, worked out with sha256sum.
    key = Ed25519PublicKey.from_public_bytes(
        bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    )

    assert fingerprint(key) == "21fe 31df a154 a261 626b f854 046f d227"


def test_a_member_is_pinned_only_with_the_confirmed_fingerprint():
    basel, mallory = member(), member()

    assert PinnedMembers().pin(basel, confirmed_fingerprint=basel.fingerprint.upper()).members["basel"] == basel
    with pytest.raises(IdentityError, match="not the confirmed one"):
        PinnedMembers().pin(mallory, confirmed_fingerprint=basel.fingerprint)


def test_another_key_for_a_pinned_name_is_refused_until_a_person_removes_the_old_one():
    basel, other = member(), member()
    found = pinned(basel)

    with pytest.raises(IdentityError, match="pinned with another key"):
        found.pin(other, confirmed_fingerprint=other.fingerprint)
    assert found.without("basel").pin(other, confirmed_fingerprint=other.fingerprint).members["basel"] == other


def test_a_roster_with_a_member_who_is_not_pinned_is_refused():
    with pytest.raises(IdentityError, match="cleveland is not pinned"):
        pinned(member()).identities(("basel", "cleveland"))


def test_a_name_that_could_be_a_path_is_refused():
    with pytest.raises(IdentityError, match="no member's name"):
        pinned(member("../etc"))


def test_pinned_members_are_read_back_as_they_were_written(tmp_path):
    found = pinned(member(), member("cleveland"))
    found.save(tmp_path / "members.json", identity=OWN)

    again = PinnedMembers.load(tmp_path / "members.json", identity=OWN)

    assert {name: one.fingerprint for name, one in again.members.items()} == {
        name: one.fingerprint for name, one in found.members.items()
    }
    assert (tmp_path / "members.json").stat().st_mode & 0o777 == 0o600


def test_a_key_slipped_into_the_file_is_found(tmp_path):
    path = tmp_path / "members.json"
    pinned(member()).save(path, identity=OWN)
    document = json.loads(path.read_text())
    document["members"][0]["identity"] = member().identity.public_bytes_raw().hex()
    path.write_text(json.dumps(document))

    with pytest.raises(IdentityError, match="changed by someone else"):
        PinnedMembers.load(path, identity=OWN)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"members": [], "signature": "zz"}', "[" * 100_000])
def test_a_file_that_is_no_list_of_members_is_refused(tmp_path, content):
    (tmp_path / "members.json").write_text(content)

    with pytest.raises(IdentityError):
        PinnedMembers.load(tmp_path / "members.json", identity=OWN)
