"""The commands `cds-client ...`: which electronic records may ask for estimates over CDS Hooks, and with which keys."""

# ruff: noqa: FBT002 - a command's options are switches

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wardround.hospital.commands.opening import by_command, opened
from wardround.web.command_line import HomeOption, JsonOption, answer, say

if TYPE_CHECKING:
    from wardround.hospital.cds.models import CdsClient

app = typer.Typer(help="Records that may ask over CDS Hooks.")
clients = typer.Typer(help="The electronic records that may ask for estimates over CDS Hooks.", no_args_is_help=True)
app.add_typer(clients, name="cds-client")
IssuerOption = Annotated[str, typer.Option("--iss", help="The issuer of its tokens (iss), a URI.")]


@clients.command()
def add(
    home: HomeOption,
    iss: IssuerOption,
    jwks: Annotated[Path, typer.Option(help="A file with its public keys, a JWK Set (ES384 or RS384).")],
    name: Annotated[str, typer.Option(help="What people call it; by default its address.")] = "",
    jku: Annotated[
        str, typer.Option(help="The only key-set address that its tokens may name. Nothing is ever fetched from it.")
    ] = "",
    tenant: Annotated[
        str, typer.Option(help="The one organization for which its tokens speak (tenant), if they state any.")
    ] = "",
    origin: Annotated[
        list[str], typer.Option(help="A page that may call from a browser, as https://emr.hospital.example")
    ] = [],  # noqa: B006
    knows_our_patients: Annotated[
        bool,
        typer.Option("--knows-our-patients", help="Its patient ids are ours, and it may be answered from our charts."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Trust the tokens of one issuer, signed with these keys; the same issuer again replaces its keys."""
    with opened(home, as_json=as_json, refusals=_refusals):
        from wardround.hospital.cds.clients import add_client

        client = add_client(
            iss,
            jwks=jwks.read_bytes(),
            name=name,
            jku=jku,
            tenant=tenant,
            origins=origin,
            knows_our_patients=knows_our_patients,
            by=by_command("cds-client"),
        )
        answer(_facts(client), as_json=as_json, text=lambda: say(f"{client.name} may ask from now on."))


@clients.command("list")
def listing(home: HomeOption, as_json: JsonOption = False) -> None:
    """The clients that may ask."""
    with opened(home, as_json=as_json, refusals=_refusals):
        from wardround.hospital.cds.clients import clients as registered

        found = registered(by_command("cds-client"))
        lines = [f"{client.iss}  {client.name}" for client in found] or ["No client is registered."]
        answer({"clients": [_facts(c) for c in found]}, as_json=as_json, text=lambda: say("\n".join(lines)))


@clients.command()
def remove(home: HomeOption, iss: IssuerOption, as_json: JsonOption = False) -> None:
    """Refuse the tokens of one issuer from now on."""
    with opened(home, as_json=as_json, refusals=_refusals):
        from wardround.hospital.cds.clients import remove_client

        client = remove_client(iss, by=by_command("cds-client"))
        answer(_facts(client), as_json=as_json, text=lambda: say(f"{client.name} is refused from now on."))


def _refusals() -> tuple[type[Exception], ...]:
    from wardround.hospital.cds.errors import ClientError

    return (ClientError,)


def _facts(client: "CdsClient") -> dict[str, object]:
    return {
        "iss": client.iss,
        "name": client.name,
        "keys": [key["kid"] for key in client.keys["keys"]],
        "jku": client.jku,
        "tenant": client.tenant,
        "origins": client.origins,
        "knows_our_patients": client.knows_our_patients,
        "is_active": client.is_active,
    }
