"""`listeners.toml`: the listeners that `serve` keeps running, refused with the place of a mistake before anything starts."""

import pytest

from wardround.hospital.mllp.configured import BadListener, ConfiguredListener, listener_child, listeners_of


@pytest.fixture
def written(settings):
    """Write the file into the home; it is gone after the test."""
    path = settings.HOME.path / "listeners.toml"

    def write(text: str):
        path.write_text(text, "utf-8")
        return settings.HOME

    yield write
    path.unlink(missing_ok=True)


def test_without_the_file_nothing_listens(settings):
    assert listeners_of(settings.HOME) == []


def test_a_listener_is_one_of_the_hospitals_processes(written):
    home = written('[[listener]]\nport = 2575\nmapping = "config.toml"\n')

    [listener] = listeners_of(home)

    assert listener == ConfiguredListener(port=2575, mapping=str(home.path / "config.toml"))
    child = listener_child(home, listener)
    assert child.name == "listener-2575"
    assert list(child.command())[3:] == [
        *("hospital", "listen", "--home", str(home.path), "--host", "127.0.0.1", "--port", "2575"),
        *("--mapping", str(home.path / "config.toml")),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[listener]\n", "not readable TOML"),
        ("port = 2575\n", r"\[\[listener\]\] tables and nothing else"),
        ("[[listener]]\n", "needs a port from 1 to 65535"),
        ("[[listener]]\nport = true\n", "needs a port"),
        ("[[listener]]\nport = 70000\n", "needs a port"),
        ("[[listener]]\nport = 1\nprot = 2\n", "Listener 1 .* has 'prot'"),
        ("[[listener]]\nport = 1\n[[listener]]\nport = 1\n", "names the port 1 twice"),
        ('[[listener]]\nport = 1\nmapping = "gone.toml"\n', "a mapping that is not there"),
        ('[[listener]]\nport = 1\ncertificate = "config.toml"\n', "certificate and key together"),
        ("[[listener]]\nport = 1\nhost = 5\n", "a host that is no text"),
    ],
)
def test_a_mistake_is_named_with_its_place(written, text, why):
    with pytest.raises(BadListener, match=why):
        listeners_of(written(text))
