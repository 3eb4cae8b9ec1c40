"""The commands about people and care teams: what the administration's pages do, by the same actions."""

# ruff: noqa: FBT002 - a command's options are switches

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wardround.hospital.commands.opening import by_command, opened
from wardround.web.command_line import HomeOption, JsonOption, answer, say

if TYPE_CHECKING:
    from wardround.hospital.care.models import CareTeam

app = typer.Typer(help="The people who log in, and their care teams.", no_args_is_help=True)
user_app = typer.Typer(help="The people who log in.", no_args_is_help=True)
team_app = typer.Typer(help="Care teams: whose patients a nurse or doctor sees.", no_args_is_help=True)
app.add_typer(user_app, name="user")
app.add_typer(team_app, name="team")

UserArgument = Annotated[str, typer.Argument(help="The user name, for example a.kovacs")]
TeamArgument = Annotated[str, typer.Argument(help="The name of the care team, for example Cardiology")]
NumberOption = Annotated[
    list[str], typer.Option("--number", help="A patient's hospital number; may be said several times.")
]


def _refusals() -> tuple[type[Exception], ...]:
    from wardround.hospital.care.actions import CareTeamError

    return (CareTeamError,)


@user_app.command("add")
def user_add(
    home: HomeOption,
    username: UserArgument,
    role: Annotated[str, typer.Option(help="nurse, doctor, steward, researcher, privacy_officer or administrator.")],
    full_name: Annotated[str, typer.Option(help="As colleagues know the person.")] = "",
    team: Annotated[
        list[str] | None, typer.Option("--team", help="A care team instead of the first; may be said several times.")
    ] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from input.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Add a person. Without --password-stdin a password for one log-in is made and shown this once."""
    with opened(home, as_json=as_json, refusals=_refusals):
        from wardround.hospital.administration.people_actions import add_person
        from wardround.web.accounts.actions import AccountError

        typed = sys.stdin.readline().rstrip("\n") if password_stdin else ""
        if password_stdin and not typed:
            raise AccountError("No password came on the input. Write it there, or leave out --password-stdin.")
        by = by_command("user add")
        user, given = add_person(username, role=role, full_name=full_name, teams=team or [], password=typed, by=by)
        facts = {"username": user.username, "role": user.role, **({} if password_stdin else {"password": given})}
        text = f"{user.username} ({user.role}) is added."
        text += "" if password_stdin else f" Password for the first log-in: {given}"
        answer(facts, as_json=as_json, text=lambda: say(text))


@user_app.command("list")
def user_list(home: HomeOption, as_json: JsonOption = False) -> None:
    """The people who log in."""
    with opened(home, as_json=as_json):
        from wardround.hospital.administration.queries import people

        found = [
            {
                "username": one.username,
                "role": one.role,
                "full_name": one.name,
                "active": one.is_active,
                "teams": list(one.teams),
            }
            for one in people(by_command("user list"))
        ]
        text = "\n".join(
            f"{one['username']:20} {one['role']:16} {one['full_name']}{'' if one['active'] else ' (deactivated)'}"
            for one in found
        )
        answer({"users": found}, as_json=as_json, text=lambda: say(text or "There is nobody yet."))


@user_app.command("role")
def user_role(
    home: HomeOption,
    username: UserArgument,
    role: Annotated[str, typer.Argument(help="nurse, doctor, steward, researcher, privacy_officer or administrator.")],
    as_json: JsonOption = False,
) -> None:
    """Another role for a person, who is logged off."""
    with opened(home, as_json=as_json):
        from wardround.hospital.administration.people_actions import change_role

        change_role(username, role=role, by=by_command("user role"))
        answer({"username": username, "role": role}, as_json=as_json, text=lambda: say(f"{username} is {role} now."))


@user_app.command("deactivate")
def user_deactivate(home: HomeOption, username: UserArgument, as_json: JsonOption = False) -> None:
    """A person cannot log in any more, and is logged off."""
    with opened(home, as_json=as_json):
        from wardround.hospital.administration.people_actions import deactivate

        _done(deactivate, username, "user deactivate", said="cannot log in any more.", as_json=as_json)


@user_app.command("activate")
def user_activate(home: HomeOption, username: UserArgument, as_json: JsonOption = False) -> None:
    """A person may log in again."""
    with opened(home, as_json=as_json):
        from wardround.hospital.administration.people_actions import activate

        _done(activate, username, "user activate", said="may log in again.", as_json=as_json)


@user_app.command("unlock")
def user_unlock(home: HomeOption, username: UserArgument, as_json: JsonOption = False) -> None:
    """After too many wrong passwords a person may try again at once."""
    with opened(home, as_json=as_json):
        from wardround.hospital.administration.people_actions import unlock

        _done(unlock, username, "user unlock", said="may try again.", as_json=as_json)


@user_app.command("password")
def user_password(home: HomeOption, username: UserArgument, as_json: JsonOption = False) -> None:
    """A new password for one log-in, shown this once. The person is logged off."""
    with opened(home, as_json=as_json):
        from wardround.hospital.administration.people_actions import give_one_time_password

        given = give_one_time_password(username, by=by_command("user password"))
        text = f"Password for the next log-in of {username}: {given}"
        answer({"username": username, "password": given}, as_json=as_json, text=lambda: say(text))


@team_app.command("list")
def team_list(home: HomeOption, as_json: JsonOption = False) -> None:
    """The care teams."""
    with opened(home, as_json=as_json):
        from wardround.hospital.administration.queries import care_teams

        found = [
            {"name": one.name, "is_first": one.is_first, "members": one.members, "patients": one.patients}
            for one in care_teams(by_command("team list"))
        ]
        text = "\n".join(
            f"{one['name']:30} {one['members']:5} people {one['patients']:7} patients"
            + (" and everybody in no other team" if one["is_first"] else "")
            for one in found
        )
        answer({"teams": found}, as_json=as_json, text=lambda: say(text or "Everybody is in the first team."))


@team_app.command("add")
def team_add(home: HomeOption, name: TeamArgument, as_json: JsonOption = False) -> None:
    """Make a care team."""
    with opened(home, as_json=as_json, refusals=_refusals):
        from wardround.hospital.care.actions import make_team

        team = make_team(name, by=by_command("team add"))
        answer({"name": team.name}, as_json=as_json, text=lambda: say(f"The care team {team.name} is made."))


@team_app.command("join")
def team_join(home: HomeOption, name: TeamArgument, username: UserArgument, as_json: JsonOption = False) -> None:
    """A nurse or doctor sees the team's patients from now on."""
    with _team(home, name, "team join", as_json=as_json) as team:
        from wardround.hospital.care.actions import join_team

        join_team(team, username, by=by_command("team join"))
        _answer(team, f"{username} is in {team.name}.", as_json=as_json)


@team_app.command("leave")
def team_leave(home: HomeOption, name: TeamArgument, username: UserArgument, as_json: JsonOption = False) -> None:
    """A nurse or doctor does not see the team's patients any more."""
    with _team(home, name, "team leave", as_json=as_json) as team:
        from wardround.hospital.care.actions import leave_team

        leave_team(team, username, by=by_command("team leave"))
        _answer(team, f"{username} is not in {team.name} any more.", as_json=as_json)


@team_app.command("take")
def team_take(home: HomeOption, name: TeamArgument, number: NumberOption, as_json: JsonOption = False) -> None:
    """Put patients into the team's care, all of them or none."""
    with _team(home, name, "team take", as_json=as_json) as team:
        from wardround.hospital.administration.team_actions import take_by_number

        said = take_by_number(team, "\n".join(number), by=by_command("team take"))
        _answer(team, said, as_json=as_json)


@team_app.command("release")
def team_release(home: HomeOption, name: TeamArgument, number: NumberOption, as_json: JsonOption = False) -> None:
    """Take patients out of the team's care, all of them or none."""
    with _team(home, name, "team release", as_json=as_json) as team:
        from wardround.hospital.administration.team_actions import release_by_number

        said = release_by_number(team, "\n".join(number), by=by_command("team release"))
        _answer(team, said, as_json=as_json)


@contextmanager
def _team(home: Path, name: str, command: str, *, as_json: bool) -> Iterator["CareTeam"]:
    with opened(home, as_json=as_json, refusals=_refusals):
        from wardround.hospital.administration.team_actions import team_named

        yield team_named(name, by=by_command(command))


def _answer(team: "CareTeam", said: str, *, as_json: bool) -> None:
    answer({"team": team.name, "done": said}, as_json=as_json, text=lambda: say(said))


def _done(deed: Callable[..., object], username: str, command: str, *, said: str, as_json: bool) -> None:
    deed(username, by=by_command(command))
    answer({"username": username, "done": said}, as_json=as_json, text=lambda: say(f"{username} {said}"))
