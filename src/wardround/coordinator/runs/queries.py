"""Every read of the runs: run_state(run_id) -> RunState, latest_runs() -> RunLine, ..."""

from dataclasses import replace

from django.conf import settings

from wardround.coordinator.runs.board import first_state, read_outcome, read_state, run_folder
from wardround.coordinator.runs.models import Run, Standing
from wardround.coordinator.runs.state import HospitalState, LogLine, RunLine, RunState


class NoSuchRunError(Exception):
    """There is no run with this name."""


def run_named(run_id: str) -> Run:
    """The run that was asked for. Raises NoSuchRunError."""
    run = Run.objects.select_related("study").filter(run_id=run_id).first()
    if run is None:
        raise NoSuchRunError(f"There is no run {run_id!r}. See them with: wardround coordinator runs")
    return run


def run_state(run_id: str) -> RunState:
    """The run as it stands now. Raises NoSuchRunError."""
    run = run_named(run_id)
    state = read_state(run_folder(settings.HOME, run.run_id)) or _before_its_start(run)
    state = replace(state, hospitals=tuple(_with_refusal(hospital, run=run) for hospital in state.hospitals))
    if run.standing in (Standing.FINISHED, Standing.FAILED):
        succeeded = run.standing == Standing.FINISHED
        return replace(state, finished=True, succeeded=succeeded, outcome=run.outcome, waiting_for=None)
    # The board may say "finished" a moment before the model is registered; then it is not finished yet.
    return replace(state, finished=False, succeeded=False, outcome="")


def latest_runs(count: int = 20) -> tuple[RunLine, ...]:
    """The newest runs, newest first."""
    return tuple(
        RunLine(
            run_id=state.run_id,
            study_title=state.study_title,
            study_hash=state.study_hash,
            started=state.started,
            round=state.round,
            rounds=state.rounds,
            finished=state.finished,
            succeeded=state.succeeded,
            outcome=state.outcome,
        )
        for state in (run_state(run.run_id) for run in Run.objects.order_by("-requested")[:count])
    )


def bytes_up_per_round(run_id: str) -> float | None:
    """Bytes that one hospital sent per round of training, on average; None before the run's end."""
    outcome = read_outcome(run_folder(settings.HOME, run_id))
    sent = [record["bytes_up_per_hospital"] for record in outcome["history"]] if outcome else []
    return sum(sent) / len(sent) if sent else None


def _before_its_start(run: Run) -> RunState:
    state = first_state(
        run.run_id,
        study=(run.study.name, run.study.title, run.study.hash),
        hospitals=tuple(run.hospitals),
        rounds=run.study.rounds,
        secure_aggregation="",
        may_shrink=run.may_shrink,
        minimum=run.minimum,
    )
    line = LogLine(time=run.requested, who="coordinator", sentence="The run waits for its hospitals to connect.")
    return replace(state, started=run.requested, updated=run.requested, log=(line,))


def _with_refusal(hospital: HospitalState, *, run: Run) -> HospitalState:
    sentence = run.refusals.get(hospital.name)
    return replace(hospital, state="refused", reason=sentence) if sentence else hospital
