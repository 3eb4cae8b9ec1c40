"""The commands `wardround coordinator user ...`: the first administrator is made here, everybody else on the people page too."""

from typing import Annotated

import typer

from wardround.web.command_line import HomeOption, JsonOption, answer, open_site, say, sentences

app = typer.Typer(help="The people who log in at the coordinator.", no_args_is_help=True)


@app.command()
def add(
    *,
    home: HomeOption,
    username: Annotated[str, typer.Argument(help="The user name, for example o.peeters")],
    role: Annotated[str, typer.Option(help="operator, auditor or administrator.")],
    full_name: Annotated[str, typer.Option(help="As colleagues know the person.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Add a person. A password for one log-in is made and shown this once."""
    with sentences(as_json=as_json):
        open_site(home, kind="coordinator")
        from wardround.web.accounts.actions import AccountError, add_user, one_time_password
        from wardround.web.audit.actor import system_actor

        password = one_time_password()
        with sentences(AccountError, as_json=as_json):
            add_user(username, role=role, password=password, full_name=full_name, must_change=True,
                     by=system_actor("coordinator command"))  # fmt: skip
        answer({"username": username, "role": role, "password": password}, as_json=as_json,
               text=lambda: say(f"{username} ({role}) is added. Password for the first log-in: {password}"))  # fmt: skip


@app.command("list")
def list_(*, home: HomeOption, as_json: JsonOption = False) -> None:
    """The people who log in."""
    with sentences(as_json=as_json):
        open_site(home, kind="coordinator")
        from wardround.web.accounts.queries import users

        found = [{"username": one.username, "role": one.role, "full_name": one.full_name, "active": one.is_active}
                 for one in users()]  # fmt: skip
        text = "\n".join(f"{one['username']:20} {one['role']:16} {one['full_name']}" for one in found)
        answer({"users": found}, as_json=as_json, text=lambda: say(text or "There is nobody yet."))
