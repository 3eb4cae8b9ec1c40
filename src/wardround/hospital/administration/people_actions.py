"""What an administrator does with accounts: the same deeds for the pages and for the command, each asked of the role."""

from collections.abc import Sequence

from django.db import transaction

from wardround.hospital.care.actions import put_into_teams
from wardround.hospital.emergency.actions import end_all_of
from wardround.hospital.roles import IN_CARE_TEAMS, require
from wardround.web.accounts import actions as accounts
from wardround.web.accounts.actions import AccountError
from wardround.web.accounts.models import User


class NoSuchPerson(AccountError):
    """Nobody here has this user name."""


def person_named(username: str, *, by: object) -> User:
    """Raises `NotAllowed` and `NoSuchPerson`."""
    require(by, "users")
    user = User.objects.filter(username=username).first()
    if user is None:
        raise NoSuchPerson(f"Nobody here has the user name {username!r}. `wardround hospital user list` shows who has.")
    return user


@transaction.atomic
def add_person(
    username: str, *, role: str, full_name: str = "", teams: Sequence[str] = (), password: str = "", by: object
) -> tuple[User, str]:
    """Add a person and return them with the password that was made for one log-in, or the given one.

    Nurses and doctors join the first team unless `teams` names others. Raises `NotAllowed`, `AccountError`,
    `CareTeamError`; then nobody was added.
    """
    actor = require(by, "users")
    if teams and role not in IN_CARE_TEAMS:
        raise AccountError("Only nurses and doctors are in care teams. Leave the teams out for this role.")
    given = password or accounts.one_time_password()
    user = accounts.add_user(
        username.strip(), role=role, password=given, full_name=full_name.strip(), must_change=not password, by=actor
    )
    if teams:
        put_into_teams(user.username, teams, by=actor)
    return user, given


def change_role(username: str, *, role: str, by: object) -> None:
    """Charts that the person opened in an emergency are closed with it. Raises `NotAllowed`, `NoSuchPerson`, `AccountError`."""
    user, actor = person_named(username, by=by), require(by, "users")
    is_another = role != user.role
    with transaction.atomic():
        accounts.change_role(user, role=role, by=actor)
        if is_another:
            end_all_of(username, by=actor)


def deactivate(username: str, *, by: object) -> None:
    """As `change_role`. Raises `NotAllowed`, `NoSuchPerson`, `AccountError`."""
    user, actor = person_named(username, by=by), require(by, "users")
    with transaction.atomic():
        accounts.deactivate(user, by=actor)
        end_all_of(username, by=actor)


def activate(username: str, *, by: object) -> None:
    """Raises `NotAllowed`, `NoSuchPerson`."""
    accounts.activate(person_named(username, by=by), by=require(by, "users"))


def unlock(username: str, *, by: object) -> None:
    """Raises `NotAllowed`, `NoSuchPerson`."""
    accounts.unlock(person_named(username, by=by), by=require(by, "users"))


def give_one_time_password(username: str, *, by: object) -> str:
    """The new password, shown this once. Raises `NotAllowed`, `NoSuchPerson`."""
    return accounts.give_one_time_password(person_named(username, by=by), by=require(by, "users"))
