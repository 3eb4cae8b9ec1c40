"""The commands `wardround hospital duplicates ...`: patients who may be here twice, and what a steward decides about them."""

# ruff: noqa: FBT002 - a command's options are switches

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wardround.hospital.commands.opening import by_command, opened
from wardround.web.command_line import HomeOption, JsonOption, answer, say

if TYPE_CHECKING:
    from wardround.hospital.identity.queries import PairLine, Side, SideBySide

app = typer.Typer()
duplicates_app = typer.Typer(invoke_without_command=True)
app.add_typer(duplicates_app, name="duplicates")

Number = Annotated[int, typer.Argument(help="The pair's number, as `duplicates list` shows it.")]
Reason = Annotated[str, typer.Option(help="Why. It is kept beside the decision.")]


@duplicates_app.callback()
def duplicates(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option("--home", envvar="WARDROUND_HOME", help="The home folder of this side.")
    ] = None,
    estimate: Annotated[bool, typer.Option(help="Fit the weights to this hospital's own pairs first.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Patients who may be here twice. Without a further word: search the whole store, and list who waits for a steward."""
    if context.invoked_subcommand is not None:
        return
    if home is None:
        raise typer.BadParameter("Name the home folder.", param_hint="--home")
    with opened(home, as_json=as_json):
        from wardround.hospital.identity.queries import pairs
        from wardround.hospital.identity.searching import search_everybody

        actor = by_command("duplicates")
        searched = search_everybody(actor, estimating=estimate, on_progress=_show_progress)
        lines = pairs(actor)
        text = (
            f"{searched.patients} patients: {searched.compared} pairs compared, {searched.found} look alike, "
            f"{searched.new} of them are new."
        )
        facts = {**asdict(searched), "pairs": [asdict(line) for line in lines]}
        answer(facts, as_json=as_json, text=lambda: say("\n".join([text, *map(_line, lines)])))


@duplicates_app.command("list")
def list_(
    home: HomeOption,
    everything: Annotated[bool, typer.Option("--all", help="Also those that were decided.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The pairs that wait for a steward, the likeliest first."""
    with opened(home, as_json=as_json):
        from wardround.hospital.identity.models import CandidatePair
        from wardround.hospital.identity.queries import pairs

        lines = pairs(by_command("duplicates list"), state="" if everything else CandidatePair.State.OPEN)
        text = "\n".join(map(_line, lines)) or "No pair waits for a steward."
        answer({"pairs": [asdict(line) for line in lines]}, as_json=as_json, text=lambda: say(text))


@duplicates_app.command()
def show(home: HomeOption, number: Number, as_json: JsonOption = False) -> None:
    """Both records side by side. That somebody looked is in the audit trail of both."""
    with opened(home, as_json=as_json):
        from wardround.hospital.identity.queries import side_by_side

        shown = side_by_side(by_command("duplicates show"), number)
        answer(_facts(shown), as_json=as_json, text=lambda: say(_text(shown)))


@duplicates_app.command()
def merge(
    home: HomeOption,
    number: Number,
    keep: Annotated[str, typer.Option(help="The id of the record that stays.")],
    reason: Reason = "",
    as_json: JsonOption = False,
) -> None:
    """One person: the other record's chart moves into this one. `duplicates undo-merge` takes it apart again."""
    with opened(home, as_json=as_json):
        from wardround.hospital.identity.actions import merge_pair

        done = merge_pair(number, keep=keep, by=by_command("duplicates merge"), reason=reason)
        text = f"Patient/{done.retired} is merged into Patient/{done.survivor}: {done.moved} records moved."
        facts = {"merge": done.pk, "retired": done.retired, "survivor": done.survivor, "moved": done.moved}
        answer(facts, as_json=as_json, text=lambda: say(text))


@duplicates_app.command()
def different(home: HomeOption, number: Number, reason: Reason = "", as_json: JsonOption = False) -> None:
    """Two people: the pair is not shown again."""
    with opened(home, as_json=as_json):
        from wardround.hospital.identity.actions import tell_apart

        tell_apart(number, by=by_command("duplicates different"), reason=reason)
        text = f"Pair {number} is two people."
        answer({"pair": number, "state": "different"}, as_json=as_json, text=lambda: say(text))


@duplicates_app.command("undo-merge")
def undo_merge_(home: HomeOption, number: Number, reason: Reason = "", as_json: JsonOption = False) -> None:
    """Take a merge apart: what was moved goes back as it was, and the pair waits for a decision again."""
    with opened(home, as_json=as_json):
        from wardround.hospital.identity.actions import undo_merge

        done = undo_merge(number, by=by_command("duplicates undo-merge"), reason=reason)
        facts = {**asdict(done), "sentence": done.sentence}
        answer(facts, as_json=as_json, text=lambda: say(done.sentence))


def _line(pair: "PairLine") -> str:
    return f"{pair.number:6}  {pair.score:.4f}  {pair.grade:9}  {pair.state:9}  {pair.one}  {pair.other}"


def _facts(shown: "SideBySide") -> dict[str, Any]:
    def side(one: "Side") -> dict[str, Any]:
        return {name: value for name, value in asdict(one).items() if name != "resource"}

    fields = [asdict(line) for line in shown.fields]
    pair = asdict(shown.pair)
    return {
        "pair": pair,
        "one": side(shown.one),
        "other": side(shown.other),
        "fields": fields,
        "suggested": shown.suggested,
    }


def _text(shown: "SideBySide") -> str:
    lines = [f"Pair {shown.pair.number}: {shown.pair.grade} ({shown.pair.score:.4f}), {shown.pair.state}"]
    for name, one, other in (
        ("id", shown.one.id, shown.other.id),
        ("records", str(sum(shown.one.records.values())), str(sum(shown.other.records.values()))),
        (
            "last visit",
            *(side.last_visit.date().isoformat() if side.last_visit else "" for side in (shown.one, shown.other)),
        ),
    ):
        lines.append(f"  {name:14} {one:40} {other}")
    lines += [f"  {field.name:14} {field.one:40} {field.other:40} {field.agreement}" for field in shown.fields]
    return "\n".join(lines)


def _show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} of {total} ...")
        sys.stderr.flush()
