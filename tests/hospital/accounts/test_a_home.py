"""Making and opening a home."""

import os
import subprocess
import sys

import pytest

from wardround.web.home import AlreadyAHome, Home, HomeError, NotAHome, slug_of


def test_a_new_home_can_be_opened_again(tmp_path):
    made = Home.create(tmp_path / "h", kind="hospital", name='Zürich "Süd"', locale="de", ports={"web": 8003})

    assert Home.load(tmp_path / "h") == made
    assert made.slug == "zurich-sud"


def test_only_the_owner_can_read_the_keys(tmp_path):
    home = Home.create(tmp_path / "h", kind="hospital", name="Budapest")

    assert {path.stat().st_mode & 0o777 for path in home.keys.iterdir()} == {0o600}
    assert home.keys.stat().st_mode & 0o777 == 0o700
    assert len({home.key(name) for name in ("kek", "index", "mac", "django")}) == 4


def test_a_home_is_not_made_over_another_one(tmp_path):
    Home.create(tmp_path / "h", kind="hospital", name="Budapest")

    with pytest.raises(AlreadyAHome, match="already a home"):
        Home.create(tmp_path / "h", kind="hospital", name="Budapest")


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(AlreadyAHome, match="not an empty folder"):
        Home.create(tmp_path, kind="hospital", name="Budapest")
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_nothing_remains_when_making_a_home_fails(tmp_path):
    def fail(home):
        raise RuntimeError("no disk")

    with pytest.raises(RuntimeError):
        Home.create(tmp_path / "h", kind="hospital", name="Budapest", prepare=fail)
    assert not (tmp_path / "h").exists()


def test_a_home_whose_making_was_killed_is_refused_and_made_anew(tmp_path):
    code = (
        "import os, sys; from wardround.web.home import Home\n"
        "Home.create(sys.argv[1], kind='hospital', name='X', prepare=lambda home: os.kill(os.getpid(), 9))"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "h")], check=False, timeout=60)
    assert (tmp_path / "h" / "config.toml").exists()

    with pytest.raises(NotAHome, match="is not a home"):
        Home.load(tmp_path / "h")
    assert Home.create(tmp_path / "h", kind="hospital", name="Budapest").name == "Budapest"


def test_a_folder_that_is_no_home_says_how_to_make_one(tmp_path):
    with pytest.raises(NotAHome, match="wardround hospital init"):
        Home.load(tmp_path)


@pytest.mark.parametrize("content", ["id = ", "id = 'x'"])
def test_a_broken_configuration_is_named(tmp_path, content):
    (tmp_path / "config.toml").write_text(content)

    with pytest.raises(NotAHome, match=r"config\.toml"):
        Home.load(tmp_path)


def test_a_home_needs_a_name(tmp_path):
    with pytest.raises(HomeError, match="needs a name"):
        Home.create(tmp_path / "h", kind="hospital", name=" ")


@pytest.mark.parametrize(("name", "slug"), [("Long Beach VA", "long-beach-va"), ("Győr", "gyor"), ("北京", "home")])
def test_a_slug_can_stand_in_a_uri(name, slug):
    assert slug_of(name) == slug


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"WARDROUND_HOME": ""}, "WARDROUND_HOME=/var/lib/wardround/budapest"),
        ({"WARDROUND_HTTPS": "perhaps"}, "WARDROUND_HTTPS is 'perhaps'. It may be on or off."),
        ({"WARDROUND_HOME": "/nowhere"}, "is not a home"),
    ],
)
def test_a_bad_setting_stops_the_start_with_its_name_and_an_example(variables, expected):
    result = subprocess.run(
        [sys.executable, "-c", "import wardround.hospital.settings"],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert result.returncode == 1
    assert expected in result.stderr
