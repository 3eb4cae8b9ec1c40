"""`wardround hospital listen`: real messages over real sockets to the real command."""

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hl7
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hl7.client import MLLPClient

pytestmark = pytest.mark.processes
COMMAND = [sys.executable, "-m", "wardround.cli", "hospital"]
SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "data" / "hl7v2_samples" / "microsoft"
UNREAD = re.compile(rb"^(?:\xef\xbb\xbf)?MSH\|[^\r\n]*?\|BAR\^P02")  # purges accounts


def environment():
    return {k: v for k, v in os.environ.items() if k not in {"WARDROUND_HOME", "DJANGO_SETTINGS_MODULE"}}


def say(*arguments):
    done = subprocess.run(
        [*COMMAND, *map(str, arguments), "--json"], env=environment(), capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout, done.stderr)
    return json.loads(done.stdout)


class Listening:
    """The command as a process, on a free port."""

    def __init__(self, home, *options):
        self.process = subprocess.Popen(
            [*COMMAND, "listen", "--home", str(home), "--port", "0", "--json", *options],
            env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        text = ""
        while not text.endswith("}\n"):
            line = self.process.stdout.readline()
            assert line, self.process.stderr.read()
            text += line
        self.port = json.loads(text)["port"]

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        errors = self.process.communicate(timeout=60)[1]
        assert "Traceback" not in errors
        return self.process.returncode


@pytest.fixture
def home(tmp_path):
    say("init", "--home", tmp_path / "home", "--name", "Budapest")
    return tmp_path / "home"


@pytest.fixture
def listen(home):
    started = []

    def start(*options):
        started.append(Listening(home, *options))
        return started[-1]

    yield start
    for listening in started:
        if listening.process.poll() is None:
            listening.process.kill()
            listening.process.communicate()


def admission(control="1", *, number="4711", family="Kovács"):
    header = f"MSH|^~\\&|LAB|A|EMR|B|20260203083000||ADT^A04|{control}|P|2.5.1|||||||UNICODE UTF-8"
    return f"{header}\rPID|1||{number}^^^^MR||{family}^Ilona||19630101|F\r".encode()


def framed(content):
    return b"\x0b" + content + b"\x1c\r"


def received(connection, many=1):
    data = b""
    while data.count(b"\x1c\r") < many:
        packet = connection.recv(65536)
        assert packet, f"closed after {data!r}"
        data += packet
    return [hl7.parse(part.lstrip(b"\x0b").decode()) for part in data.split(b"\x1c\r")[:many]]


def exchange(connection, content):
    connection.sendall(framed(content))
    (answer,) = received(connection)
    return answer


def verdict(answer):
    return str(answer.segment("MSA")[1]), str(answer.segment("MSA")[2])


def count(home, where):
    with contextlib.closing(sqlite3.connect(home / "wardround.sqlite3")) as database:
        return database.execute(f"SELECT count(*) FROM {where}").fetchone()[0]


PATIENT_VERSIONS = (
    "records_resourceversion v JOIN records_resource r ON r.rowid = v.resource_id WHERE r.type = 'Patient'"
)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the 139 sample messages are not beside this checkout")
def test_the_samples_are_stored_or_in_quarantine_and_each_answer_says_which(home, listen):
    files = [path.read_bytes().strip() for path in sorted(SAMPLES.glob("*.hl7"))]
    # This client takes one answer to a message, so none that asks for two (MSH-16 beside MSH-15).
    files = [raw for raw in files if raw.split(b"|")[15] in (b"", b"NE") and raw.split(b"|")[10] == b"P"]
    read, unread = [raw for raw in files if not UNREAD.match(raw)], [raw for raw in files if UNREAD.match(raw)]
    messages = [*read[::8], *unread]  # some of every kind
    listening = listen()

    with MLLPClient("127.0.0.1", listening.port) as client:  # the hl7 package's own client
        frames = [client.send_message(raw) for raw in messages]
    answers = [hl7.parse(frame.strip(b"\x0b\x1c\r").decode()) for frame in frames]

    assert listening.end() == 0
    assert [str(a.segment("MSA")[2]) for a in answers] == [raw.split(b"|")[9].decode() for raw in messages]
    codes = [str(a.segment("MSA")[1]) for a in answers]  # AA, or CA where MSH-15 asks for it
    items = say("quarantine", "list", "--home", home)["quarantine"]
    refused = [str(a.segment("ERR")) for a, code in zip(answers, codes, strict=True) if code in ("AE", "CE")]
    assert [int(error.split("number ")[1].split()[0]) for error in refused] == [item["id"] for item in items]
    assert codes[-2:] == ["AE"] * len(unread)
    assert codes.count("AA") + codes.count("CA") + len(refused) == len(messages)
    assert codes.count("AA") >= 6
    assert say("verify", "--home", home)["problems"] == []


def test_a_broken_message_is_refused_and_the_next_one_on_the_connection_is_stored(listen):
    listening = listen()
    with listening.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n" + framed(b"") + b"\x0b" + admission("half")[:60])
        connection.sendall(framed(admission("no number", number="")) + framed(admission("whole")))
        answers = received(connection, 3)

    assert [verdict(a) for a in answers] == [("AR", "half"), ("AE", "no number"), ("AA", "whole")]
    assert "PID-3 holds no hospital number" in str(answers[1])
    assert "Kov" not in str(answers[1])
    assert listening.end() == 0


def test_after_a_kill_the_sender_sends_again_and_nothing_is_there_twice(home, listen):
    first = listen()
    with first.connect() as connection:
        assert verdict(exchange(connection, admission("1"))) == ("AA", "1")
        connection.sendall(framed(admission("2", family="Nagy")))
        first.process.kill()  # the second message may be stored or not: its sender has no answer
        first.process.communicate()

    second = listen()
    with second.connect() as connection:
        answers = [exchange(connection, admission("2", family="Nagy")), exchange(connection, admission("1"))]
        versions = count(home, PATIENT_VERSIONS)
        again = exchange(connection, admission("2", family="Nagy"))

    assert [verdict(a) for a in (*answers, again)] == [("AA", "2"), ("AA", "1"), ("AA", "2")]
    assert versions == count(home, PATIENT_VERSIONS) == 2
    assert second.end() == 0


def test_connections_at_once_each_get_their_own_answers_in_order(home, listen):
    listening = listen()

    def send(sender):
        controls = [f"{sender}-{number}" for number in range(8)]
        with listening.connect() as connection:
            connection.sendall(b"".join(framed(admission(c, number=c)) for c in controls))
            return [verdict(a) for a in received(connection, 8)] == [("AA", c) for c in controls]

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(send, range(4)))
    assert count(home, "records_resource WHERE type = 'Patient'") == 32
    assert listening.end() == 0


def test_the_message_under_way_at_sigterm_is_finished_and_no_other_is_accepted(home, listen):
    listening = listen()
    with listening.connect() as connection, contextlib.closing(sqlite3.connect(home / "wardround.sqlite3")) as other:
        exchange(connection, admission("0"))
        other.execute("BEGIN IMMEDIATE")  # the first message must wait for this writer
        connection.sendall(framed(admission("1", number="1")) + framed(admission("2", number="2")))
        time.sleep(1)
        listening.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        assert listening.process.poll() is None
        other.rollback()
        (answer,) = received(connection)
        rest = connection.recv(100)

    assert verdict(answer) == ("AA", "1")
    assert rest == b""
    assert listening.end() == 0
    assert count(home, "records_resource WHERE type = 'Patient'") == 2


@pytest.mark.slow
def test_a_busy_database_accepts_nothing(home, listen):
    listening = listen()
    with listening.connect() as connection, contextlib.closing(sqlite3.connect(home / "wardround.sqlite3")) as other:
        other.execute("BEGIN IMMEDIATE")
        assert verdict(exchange(connection, admission("1"))) == ("AR", "1")
        other.rollback()
        assert verdict(exchange(connection, admission("1"))) == ("AA", "1")
    assert listening.end() == 0


def test_a_silent_connection_and_one_too_many_are_closed(listen):
    listening = listen("--connections", "1", "--idle-seconds", "2")
    with listening.connect() as connection:
        assert verdict(exchange(connection, admission("1"))) == ("AA", "1")
        with listening.connect() as another:
            assert another.recv(100) == b""
        assert connection.recv(100) == b""
    assert listening.end() == 0


def make_certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def test_with_certificates_it_answers_only_senders_that_show_one(tmp_path, listen):
    make_certificate(tmp_path)
    certificate, key = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    listening = listen("--certificate", certificate, "--key", key, "--clients", certificate)
    nobody, known = (ssl.create_default_context(cafile=certificate) for _ in range(2))
    known.load_cert_chain(certificate, key)

    with known.wrap_socket(listening.connect(), server_hostname="localhost") as connection:
        assert verdict(exchange(connection, admission("1"))) == ("AA", "1")
    with contextlib.suppress(OSError), nobody.wrap_socket(listening.connect(), server_hostname="localhost") as other:
        other.sendall(framed(admission("2")))
        assert other.recv(1000) == b""
    with listening.connect() as clear, contextlib.suppress(ConnectionError):
        clear.sendall(framed(admission("3")))
        assert b"MSA" not in clear.recv(1000)
    assert listening.end() == 0


def test_a_taken_port_and_half_of_tls_are_refused_with_a_sentence(home):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for options, sentence in [
            (["--port", str(port)], f"Port {port} of 127.0.0.1 cannot be used"),
            (["--certificate", "cert.pem"], "TLS needs both --certificate and --key"),
        ]:
            done = subprocess.run(
                [*COMMAND, "listen", "--home", str(home), *options], env=environment(), capture_output=True,
                text=True, timeout=60, check=False,
            )  # fmt: skip
            assert done.returncode == 1
            assert sentence in done.stderr
            assert "Traceback" not in done.stderr
