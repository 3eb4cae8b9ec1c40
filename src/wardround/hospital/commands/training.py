"""The commands about a hospital's part in a federation: join, studies, dry-run, approve, models, train-local, predict, ledger, serve."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wardround.hospital.commands.opening import by_command, opened
from wardround.web.command_line import (
    CommandRefusedError,
    HomeOption,
    JsonOption,
    answer,
    open_site,
    say,
    sentences,
)
from wardround.web.processes import ServeError
from wardround.web.serving import end_served, home_to_serve, refuse_served, serve_side

if TYPE_CHECKING:
    from wardround.hospital.training.models import ApprovedStudy
    from wardround.learning.predict import Prediction

app = typer.Typer(help="A hospital's part in a federation.", no_args_is_help=True)

StudyOption = Annotated[str, typer.Option("--study", help="The study's name, or its hash.")]


@app.command()
def join(
    *,
    home: HomeOption,
    invitation: Annotated[Path | None, typer.Option(help="The coordinator's invitation.")] = None,
    coordinator_fingerprint: Annotated[str, typer.Option(help="What the coordinator told you by another way.")] = "",
    request: Annotated[Path | None, typer.Option(help="Where to write the join request.")] = None,
    admission: Annotated[Path | None, typer.Option(help="The coordinator's admission, when it came as a file.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Join a federation: first with the invitation, then with the admission (a file, or fetched from the coordinator)."""
    with opened(home, as_json=as_json, refusals=_refusals) as site:
        from wardround.hospital.training import joining, post

        if invitation is not None:
            letter = invitation.read_bytes()
            seen = coordinator_fingerprint or _ask(
                "The fingerprint the coordinator told you by another way", as_json=as_json
            )
            data = joining.ask_to_join(letter, coordinator_fingerprint=seen, by=by_command("join"))
            if request is not None:
                request.write_bytes(data)
            federation = joining.joined_federation()
            if request is None and federation.web:
                post.send_request(federation.web, letter=data)
        else:
            federation = joining.joined_federation()
            letter = (
                admission.read_bytes()
                if admission
                else post.fetch_admission(federation.web, hospital=federation.hospital)
            )
            joining.finish_joining(letter, by=by_command("join"))
            federation.refresh_from_db()
        facts = {
            "coordinator": federation.coordinator,
            "hospital": federation.hospital,
            "fingerprint": joining.own_fingerprint(),
            "joined": federation.joined,
        }
        answer(facts, as_json=as_json, text=lambda: say(
            f"{site.name} is {facts['hospital']} in the federation of {facts['coordinator']}."
            if federation.joined
            else f"Tell {facts['coordinator']} this fingerprint by another way: {facts['fingerprint']}"))  # fmt: skip


@app.command()
def studies(
    *,
    home: HomeOption,
    file: Annotated[Path | None, typer.Option(help="Take in a publication that came as a file.")] = None,
    offline: Annotated[bool, typer.Option(help="Do not ask the coordinator.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the studies that were published to this hospital; asks the coordinator for new ones."""
    with opened(home, as_json=as_json, refusals=_refusals):
        from wardround.hospital.training import actions, queries

        if file is not None:
            actions.receive_publication(file.read_bytes(), by=by_command("studies"))
        elif not offline and (federation := queries.federation()) and federation.web:
            actions.receive_published(by=by_command("studies"))
        lines = queries.studies()
        answer({"studies": [asdict(line) for line in lines]}, as_json=as_json, text=lambda: say(
            "\n".join(f"{s.name:20} {s.standing:10} {s.hash}  {s.title}" for s in lines) or "No study is known here."))  # fmt: skip


@app.command("dry-run")
def dry_run(
    *,
    home: HomeOption,
    study: Annotated[str, typer.Option("--study", help="The study's name, or its hash.")] = "",
    waiting: Annotated[bool, typer.Option(help="Do those that were asked for on the pages.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Try a study out on this hospital's own patients: cohort, local result, data problems. Nothing leaves."""
    with opened(home, as_json=as_json, refusals=_refusals):
        from wardround.hospital.quality.lowering import problems_of
        from wardround.hospital.training import queries
        from wardround.hospital.training.dry_run import ask_dry_run, run_dry, run_waiting

        by = by_command("dry-run")
        if waiting:
            done = run_waiting(find_problems=problems_of, by=by)
            answer({"done": done}, as_json=as_json, text=lambda: say(f"{done} dry runs were done."))
            return
        if not study:
            raise CommandRefusedError("Name the study: --study NAME, or do those that were asked for: --waiting")
        known = queries.study_named(study)
        dry = run_dry(ask_dry_run(known, by=by), find_problems=problems_of, by=by)
        facts = {"study": known.name, "state": dry.state, "sentence": dry.sentence, **dry.result}
        answer(facts, as_json=as_json, text=lambda: say(
            dry.sentence or f"{dry.result['patients']} patients of {dry.result['in_records']} would be in the study; "
            f"{dry.result['needed']} are needed. Nothing has left."))  # fmt: skip


@app.command()
def approve(
    *,
    home: HomeOption,
    study: StudyOption,
    exact_hash: Annotated[str, typer.Option("--hash", help="The whole hash of the document you approve.")] = "",
    peer: Annotated[list[str] | None, typer.Option(help='A confirmed fingerprint: "zurich=ab12 ..."')] = None,
    withdraw: Annotated[bool, typer.Option(help="Withdraw an approval.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show a study as it would run here; approve exactly this document, or withdraw the approval."""
    with opened(home, as_json=as_json, refusals=_refusals):
        from wardround.hospital.training import actions, queries
        from wardround.hospital.training.approval_page import approval_page

        known = queries.study_named(study)
        if withdraw:
            known = actions.withdraw(known, by=by_command("approve"))
        else:
            peers = dict(_peer(text) for text in peer or ())
            if not exact_hash:
                page = approval_page(known, by=by_command("approve"))
                answer(asdict(page), as_json=as_json, text=lambda: say(page.as_text()))
                if as_json or not sys.stdin.isatty():
                    return
                peers |= _confirm_peers(page.unconfirmed)
                exact_hash = _ask("Type the whole hash to approve", as_json=as_json)
            known = actions.approve(known, exact_hash=exact_hash, peers=peers, by=by_command("approve"))
        facts = _study_facts(known)
        answer(facts, as_json=as_json, text=lambda: say(
            f"{known.title}: {known.get_standing_display().lower()}, {known.patients} patients."))  # fmt: skip


@app.command()
def models(
    *,
    home: HomeOption,
    adopt: Annotated[bool, typer.Option(help="Decide now on models that have arrived.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the models in use, with how each came to be adopted."""
    with opened(home, as_json=as_json, refusals=_refusals):
        from wardround.hospital.training import queries

        if adopt:
            from wardround.hospital.training.adoption import adopt_received

            adopt_received(by=by_command("models"))
        found = queries.adopted_models()
        facts = [_model_facts(model) for model in found]
        answer({"models": facts}, as_json=as_json, text=lambda: say(
            "\n".join(f"{m.study_title}: {m.kind}. {m.decision.get('sentence', '')}" for m in found)
            or "No model is in use here."))  # fmt: skip


@app.command()
def drift(*, home: HomeOption, as_json: JsonOption = False) -> None:
    """Measure now whether the patients have changed since each model in use was adopted. The worker does it every night."""
    with opened(home, as_json=as_json, refusals=_refusals):
        from wardround.hospital.training.watching import has_drifted, watch_models

        found = watch_models(by=by_command("drift"))
        facts = [
            {"study": m.study.name, "model": m.model_sha256, "alert": has_drifted(m.figures), **m.figures["drift"]}
            for m in found
        ]
        lines = [f"{f['study']}: {f.get('patients', 0)} patients since, {'DRIFTED' if f['alert'] else 'no drift'}" for f in facts]  # fmt: skip
        answer({"models": facts}, as_json=as_json, text=lambda: say("\n".join(lines) or "No model is in use here."))


@app.command("train-local")
def train_local(*, home: HomeOption, study: StudyOption, as_json: JsonOption = False) -> None:
    """Learn from this hospital's own patients alone, on the cohort of an approved study."""
    with opened(home, as_json=as_json, refusals=_refusals):
        from wardround.hospital.training import queries
        from wardround.hospital.training.adoption import train_local as learn

        learned = learn(queries.study_named(study), by=by_command("train-local"))
        model, in_use = queries.kept_model(learned.model_sha256)
        said = "is in use" if in_use else "is kept, and not in use: the study's model is switched off"
        answer(_model_facts(model), as_json=as_json, text=lambda: say(f"{model.study_title}: a local model {said}."))


@app.command()
def predict(
    *,
    home: HomeOption,
    study: StudyOption,
    patient: Annotated[str, typer.Option(help="The patient's id (FHIR Patient.id).")],
    as_json: JsonOption = False,
) -> None:
    """The adopted model's estimate for one patient. It is no diagnosis, and it writes nothing."""
    with opened(home, as_json=as_json, refusals=_refusals):
        from wardround.hospital.training.prediction import predict_for

        prediction = predict_for(patient, study_name=study, by=by_command("predict"))
        answer(asdict(prediction), as_json=as_json, text=lambda: say(_estimate(prediction)))


@app.command()
def ledger(*, home: HomeOption, as_json: JsonOption = False) -> None:
    """Every message that left this hospital: what for, how large, when. Checks each receipt's signature."""
    with opened(home, as_json=as_json, refusals=_refusals):
        from wardround.hospital.training import queries

        receipts = queries.ledger()
        facts = {"receipts": [asdict(r) for r in receipts], "bytes": sum(r.size for r in receipts)}
        answer(facts, as_json=as_json, text=lambda: say(
            "\n".join(f"{r.number:6}  {r.time[:19]}  {r.kind:16} {r.purpose:12} round {r.round}  {r.size:9} bytes  {r.sha256[:16]}" for r in receipts)
            or "Nothing has left this hospital."))  # fmt: skip


@app.command()
def serve(
    *,
    home: HomeOption,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The web's port; 0 takes a free one.")] = None,
    host: Annotated[str, typer.Option(help="The web's address.")] = "127.0.0.1",
    stop_it: Annotated[bool, typer.Option("--stop", help="End the one that is served from this home.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Start all processes of the hospital and keep them running until Ctrl+C or SIGTERM."""
    with sentences(ServeError, as_json=as_json):
        site = home_to_serve(home, kind="hospital")
        if stop_it:
            end_served(site, as_json=as_json)
            return
        refuse_served(site)
        from wardround.hospital.mllp.configured import BadListener, listener_child, listeners_of
        from wardround.hospital.training.engine.process import engine_child

        try:
            listeners = listeners_of(site)
        except BadListener as error:
            raise ServeError(str(error)) from error
        serve_side(
            site,
            host=host,
            port=site.ports.get("web", 8001) if port is None else port,
            others=[engine_child(site), *(listener_child(site, one) for one in listeners)],
            facts={"hl7v2_ports": [one.port for one in listeners]},
            as_json=as_json,
        )


@app.command(hidden=True)
def work(*, home: HomeOption) -> None:
    """The worker process; `serve` starts it."""
    open_site(home, kind="hospital")
    from wardround.hospital.work import work_until_stopped

    work_until_stopped()


def _refusals() -> tuple[type[Exception], ...]:
    from wardround.federation.errors import FederationError
    from wardround.hospital.training.actions import ApprovalError
    from wardround.hospital.training.joining import JoiningError
    from wardround.hospital.training.post import PostError
    from wardround.hospital.training.queries import NotKnownError
    from wardround.web.sealed_file import SealedFileError

    return FederationError, ApprovalError, JoiningError, PostError, NotKnownError, SealedFileError


def _peer(text: str) -> tuple[str, str]:
    name, found, fingerprint = text.partition("=")
    if not found:
        raise CommandRefusedError(f"{text!r} is not a confirmed peer. Write it as NAME=FINGERPRINT.")
    return name.strip(), fingerprint.strip()


def _confirm_peers(unconfirmed: tuple[str, ...]) -> dict[str, str]:
    return {name: str(typer.prompt(f"The fingerprint that {name} told you by another way")) for name in unconfirmed}


def _ask(question: str, *, as_json: bool) -> str:
    if as_json or not sys.stdin.isatty():
        raise CommandRefusedError(f"{question}: give it as an option, see --help.")
    return str(typer.prompt(question))


def _study_facts(study: "ApprovedStudy") -> dict[str, object]:
    return {
        "study": study.name,
        "hash": study.hash,
        "standing": study.standing,
        "patients": study.patients,
        "dropped": study.dropped,
    }


def _model_facts(model: object) -> dict[str, object]:
    names = ("study_name", "study_title", "study_hash", "kind", "decision", "figures", "run_id", "made")
    return {name: getattr(model, name) for name in names}


def _estimate(prediction: "Prediction") -> str:
    if prediction.probability is None or prediction.interval is None:
        return prediction.withheld or "The estimate is withheld."
    low, high = prediction.interval
    return f"{prediction.probability:.0%} ({low:.0%} to {high:.0%}); model output, not a diagnosis."
