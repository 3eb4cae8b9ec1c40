"""A demonstration writes in its folder only, never over somebody else's content, and one at a time."""

import socket

import pytest

from wardround.demo.folder import DemoError, DemoFolder
from wardround.demo.ports import ports_from


def test_a_folder_with_somebody_elses_content_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(DemoError, match="no demonstration put there"):
        DemoFolder(tmp_path).begin_anew()
    with pytest.raises(DemoError, match="no demonstration put there"), DemoFolder(tmp_path).alone():
        pass

    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_half_built_demonstration_is_begun_anew(tmp_path):
    folder = DemoFolder(tmp_path / "demo")
    with folder.alone():
        folder.begin_anew()
        folder.note(seed=7, state="building", password="secret")
        (folder.hospital("budapest")).mkdir()

        folder.begin_anew()

        assert not folder.hospital("budapest").exists()
        assert not folder.is_ready(seed=7)


def test_only_the_same_seeds_finished_demonstration_is_served_again(tmp_path):
    folder = DemoFolder(tmp_path)
    with folder.alone():
        folder.begin_anew()
        folder.report_html.write_text("<p>")
        folder.note(seed=7, state="ready", password="secret")

    assert folder.is_ready(seed=7)
    assert not folder.is_ready(seed=8)


def test_the_note_with_the_password_is_for_its_owner_only(tmp_path):
    folder = DemoFolder(tmp_path)
    folder.note(seed=7, state="building", password="secret")

    assert (tmp_path / "demo.json").stat().st_mode & 0o077 == 0


def test_two_demonstrations_do_not_use_one_folder(tmp_path):
    folder = DemoFolder(tmp_path / "demo")

    with folder.alone(), pytest.raises(DemoError, match="Another demonstration uses"), folder.alone():
        pass


def test_a_file_in_place_of_the_folder_is_refused_with_a_sentence(tmp_path):
    (tmp_path / "demo").write_text("")

    with pytest.raises(DemoError, match="is a file"), DemoFolder(tmp_path / "demo").alone():
        pass


def test_a_port_in_use_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        first = taken.getsockname()[1]

        ports = ports_from(first)

    assert first not in ports.values()
    assert len(set(ports.values())) == 5
