"""The command `listen`: HL7 v2 messages over TCP (MLLP) into a hospital's records."""

import asyncio
import ipaddress
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wardround.hospital.commands.opening import by_command, mapping_text, opened
from wardround.web.command_line import CommandRefusedError, HomeOption, JsonOption, answer, say
from wardround.web.processes import ServeError, listen

if TYPE_CHECKING:
    from wardround.hospital.mllp.listener import Listener

app = typer.Typer()


@app.command("listen")
def listen_(
    *,
    home: HomeOption,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 2575,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    mapping: Annotated[Path | None, typer.Option(help="What the source's codes mean (TOML).")] = None,
    most: Annotated[int, typer.Option("--connections", min=1, max=1000, help="How many at once.")] = 32,
    idle: Annotated[float, typer.Option("--idle-seconds", min=1, help="A silent connection is closed.")] = 3600.0,
    certificate: Annotated[Path | None, typer.Option(help="TLS: the certificate and its chain (PEM).")] = None,
    key: Annotated[Path | None, typer.Option(help="TLS: the certificate's key (PEM).")] = None,
    clients: Annotated[Path | None, typer.Option(help="TLS: who signs the senders' certificates (PEM).")] = None,
    as_json: JsonOption = False,
) -> None:
    """Take HL7 v2 messages over MLLP until Ctrl+C or SIGTERM. Each is stored or in quarantine before it is answered."""
    with opened(home, as_json=as_json):
        from wardround.hospital.mllp.arrivals import Arrivals
        from wardround.hospital.mllp.listener import Limits, Listener, tls_context

        if (certificate is None) != (key is None) or (clients and not certificate):
            raise CommandRefusedError("TLS needs both --certificate and --key; --clients is of use only with them.")
        tls = tls_context(str(certificate), str(key), clients=str(clients or "")) if certificate else None
        text = mapping_text(mapping) if mapping else ""
        arrivals = Arrivals(mapping_text=text, by=by_command("listen"))
        try:
            listening = listen(host, port=port)
        except ServeError as error:
            raise CommandRefusedError(str(error)) from error
        bound = listening.getsockname()[1]
        facts = {"host": host, "port": bound, "tls": tls is not None}

        def started() -> None:
            answer(facts, as_json=as_json, text=lambda: say(f"Listening for HL7 v2 at {host}, port {bound}."))
            sys.stdout.flush()
            if tls is None and not _is_loopback(host):
                sys.stderr.write(
                    "MLLP without --certificate is clear text: anybody on the way can read the messages.\n"
                )

        async def run() -> None:
            listener = Listener(arrivals, limits=Limits(connections=most, idle_seconds=idle), tls=tls)
            _stop_with_signals(listener)
            await listener.run(listening, on_started=started)

        asyncio.run(run())


def _stop_with_signals(listener: "Listener") -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, listener.stop)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(socket.gethostbyname(host)).is_loopback
    except (OSError, ValueError):
        return False
