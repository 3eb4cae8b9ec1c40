"""The tour: from four exports to one model and its report, by the commands that users have, each side a process of its own."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock
from typing import Any

from rich.console import Console

from wardround.demo.comparison import Gathered, compare_gathered, largest_gap
from wardround.demo.exports import mapping_path, write_exports
from wardround.demo.folder import COORDINATOR, DemoError, DemoFolder
from wardround.demo.report import report_html
from wardround.demo.sides import Sides, stop_served
from wardround.demo.source import PLACES, Place
from wardround.demo.spoken import two_at_a_time, wardround
from wardround.demo.stages import Stage, Stages
from wardround.demo.story import (
    TOGETHER,
    HospitalStory,
    KindCount,
    PredictionStory,
    RunStory,
    Story,
    report_json,
    save_story,
)
from wardround.demo.study import heart_study
from wardround.demo.together import approve_all, join_all, run_study
from wardround.federation.durable import write_whole
from wardround.web.layout.notice import say_on_every_page

NOTICE = "Demonstration: names and numbers are invented; measurements: UCI Heart Disease, CC BY 4.0"
_ZONES = {
    "cleveland": "America/New_York",
    "budapest": "Europe/Budapest",
    "zurich-basel": "Europe/Zurich",
    "long-beach": "America/Los_Angeles",
}


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What a hospital's import and steward said, as their commands answered."""

    place: Place
    report: dict[str, Any]
    desk: dict[str, Any]
    matrix: dict[str, Any]


class Tour:
    """One demonstration being built in its folder."""

    def __init__(
        self, folder: DemoFolder, *, seed: int, stages: Stages, sides: Sides, ports: Mapping[str, int]
    ) -> None:
        self.folder, self.seed, self.stages = folder, seed, stages
        self.sides, self.ports = sides, ports
        self.password = secrets.token_urlsafe(12)
        self._coordinator_fingerprint = ""

    def build(self) -> Story:
        """Everything from an empty folder to the report. Raises DemoError; a folder left half-built is begun anew next time."""
        stop_served(self.folder)  # what a killed demonstration left may still be on its way out
        self.folder.begin_anew()
        self.folder.note(seed=self.seed, state="building", password=self.password)
        self._write_exports()
        self._make_homes()
        imported = self._import_all()
        run = self._train_together()
        story = self._compare(self._tell(imported), run)
        self._report(story)
        self.folder.note(seed=self.seed, state="ready", password=self.password)
        return story

    def _write_exports(self) -> None:
        with self.stages.stage("Exports") as stage:
            planted = [write_exports(self.folder.path, slug, seed=self.seed) for slug in PLACES]
            stage.say(f"920 real patients in four formats, {sum(map(len, planted))} input errors planted")

    def _make_homes(self) -> None:
        with self.stages.stage("Homes") as stage:
            two_at_a_time([partial(self._make_hospital, place) for place in PLACES.values()] + [self._make_coordinator])
            stage.say("four hospitals and a coordinator, each with its own keys and database")

    def _make_hospital(self, place: Place) -> None:
        home = self.folder.hospital(place.slug)
        names = (
            "--name",
            place.name,
            "--slug",
            place.slug,
            "--locale",
            place.locale,
            "--time-zone",
            _ZONES[place.slug],
        )
        self._say("hospital", "init", "--home", home, *names, "--json")
        say_on_every_page(home, NOTICE)
        self._say("demo", "staff", "--home", home, "--side", place.slug, stdin=f"{self.password}\n")

    def _make_coordinator(self) -> None:
        home = self.folder.coordinator
        made = self._say("coordinator", "init", "--home", home, "--name", "Study coordinator", "--json")
        say_on_every_page(home, NOTICE)
        self._coordinator_fingerprint = str(made["fingerprint"])
        self._say("demo", "staff", "--home", home, "--side", COORDINATOR, stdin=f"{self.password}\n")

    def _import_all(self) -> list[Imported]:
        with self.stages.stage("Import") as stage:
            tally = _Tally(stage, "resources")
            # The two large hospitals side by side first, so that no core waits for the last one.
            reports = two_at_a_time([partial(self._import, place, tally) for place in PLACES.values()])
        with self.stages.stage("Steward") as stage:
            desks = two_at_a_time([partial(self._let_steward_work, place) for place in PLACES.values()])
            caught, accepted = (sum(desk[name] for desk in desks) for name in ("caught", "accepted"))
            replayed = sum(desk["replayed"] for desk in desks)
            stage.say(f"{caught} planted errors caught: {accepted} suggestions accepted, {replayed} records sent again")
        with self.stages.stage("Cells") as stage:
            checks = two_at_a_time([partial(self._check_matrix, place) for place in PLACES.values()])
            cells, different = sum(c["cells"] for c in checks), sum(len(c["different"]) for c in checks)
            stage.say(f"{cells:,} cells compared with the source, {different} different")
        together = zip(PLACES.values(), reports, desks, checks, strict=True)
        return [Imported(place=p, report=r, desk=d, matrix=m) for p, r, d, m in together]

    def _import(self, place: Place, tally: "_Tally") -> dict[str, Any]:
        home, mapping = self.folder.hospital(place.slug), mapping_path(place.slug)
        exported = self.folder.path / "exports" / place.slug
        report: dict[str, Any] = self._say(
            "hospital", "import", "--home", home, "--mapping", mapping, "--json", exported
        )
        tally.add(report["resources"], place.name)
        return report

    def _let_steward_work(self, place: Place) -> dict[str, Any]:
        side = ("--home", self.folder.hospital(place.slug), "--hospital", place.slug, "--seed", str(self.seed))
        self._say("hospital", "quality", *side[:2], "--keep", "--json")
        work: dict[str, Any] = self._say("demo", "desk", *side, self.folder.path)
        return work

    def _check_matrix(self, place: Place) -> dict[str, Any]:
        side = ("--home", self.folder.hospital(place.slug), "--hospital", place.slug, "--seed", str(self.seed))
        check: dict[str, Any] = self._say("demo", "matrix", *side)
        return check

    def _train_together(self) -> RunStory:
        with self.stages.stage("Joining") as stage:
            told = join_all(self.folder, coordinator_fingerprint=self._coordinator_fingerprint, say=self._say)
            stage.say("four invitations, four requests, fingerprints compared, four admissions")
        with self.stages.stage("Approval") as stage:
            exact_hash = approve_all(self.folder, fingerprints=told, say=self._say)
            stage.say(f"four stewards approved the study {exact_hash[:16]}")
        with self.stages.stage("Processes") as stage:
            self.sides.start_all(self.ports)
            stage.say("four hospitals and a coordinator are served")
        with self.stages.stage("Run") as stage:
            run = run_study(self.folder, stage=stage, say=self._say)
            stage.say(f"{run.rounds} rounds of {run.seconds_per_round:.2f} s. {run.outcome}")
        return run

    def _compare(self, story: Story, run: RunStory) -> Story:
        with self.stages.stage("Adoption") as stage:
            facts = two_at_a_time([partial(self._gather, place, run.study_hash) for place in PLACES.values()])
            adopted = sum(one["adopted"] == "federated" for one in facts)
            stage.say(f"{adopted} of {len(facts)} hospitals adopted the federated model")
        with self.stages.stage("Comparison") as stage:
            study = heart_study()
            gathered = {
                place.name: Gathered.from_json(one, features=study.features)
                for place, one in zip(PLACES.values(), facts, strict=True)
            }
            evaluation = compare_gathered(gathered, spec=study.model)
            gap = largest_gap(gathered, spec=study.model)
            together = {name: figures.auroc or 0.0 for name, figures in evaluation[TOGETHER].models.items()}
            stage.say(", ".join(f"{name} {auroc:.3f}" for name, auroc in together.items()) + " (AUROC, all held out)")
        with self.stages.stage("Estimate") as stage:
            prediction = self._predict(PLACES["cleveland"], facts[0]["example"])
            stage.say(f"{prediction.probability:.0%} for one patient of {prediction.hospital}, held out from training")
        return replace(
            story,
            run=replace(run, parameters=facts[0]["parameters"]),
            evaluation=evaluation,
            largest_gap=gap,
            site_part=facts[0]["site_part"],
            prediction=prediction,
            seconds=round(self.stages.total, 1),
            stages=tuple(self.stages.seconds),
        )

    def _gather(self, place: Place, study_hash: str) -> dict[str, Any]:
        home = self.folder.hospital(place.slug)
        facts: dict[str, Any] = self._say("demo", "gather", "--home", home, "--study", study_hash)
        return facts

    def _predict(self, place: Place, example: dict[str, str]) -> PredictionStory:
        whom = ("--study", heart_study().name, "--patient", example["patient"])
        found = self._say("hospital", "predict", "--home", self.folder.hospital(place.slug), *whom, "--json")
        if found["withheld"]:
            raise DemoError(f"The estimate for a patient of {place.name} is withheld: {found['withheld']}")
        return PredictionStory(
            hospital=place.name,
            patient=example["number"],
            probability=found["probability"],
            interval=(found["interval"][0], found["interval"][1]),
            contributions=tuple((one["title"], one["value"], one["contribution"]) for one in found["contributions"]),
        )

    def _tell(self, imported: list[Imported]) -> Story:
        return Story(
            seed=self.seed,
            hospitals=tuple(_hospital_story(one) for one in imported),
            seconds=round(self.stages.total, 1),
            stages=tuple(self.stages.seconds),
        )

    def _report(self, story: Story) -> None:
        with self.stages.stage("Report") as stage:
            save_story(self.folder.story, story)
            write_report(self.folder, story)
            stage.say(str(self.folder.report_html))

    def _say(self, *arguments: Any, stdin: str = "") -> Any:
        return wardround(*arguments, log=self.folder.log, stdin=stdin)


def tour(folder: DemoFolder, *, seed: int, console: Console, sides: Sides, ports: Mapping[str, int]) -> Story:
    """Build the whole demonstration anew in this folder and return what happened; the sides are served from then on."""
    return Tour(folder, seed=seed, stages=Stages(console), sides=sides, ports=ports).build()


def write_report(folder: DemoFolder, story: Story) -> None:
    """report.json and report.html, each whole or not at all."""
    text = json.dumps(report_json(story), ensure_ascii=False, indent=1) + "\n"
    write_whole(folder.report_json, text.encode())
    write_whole(folder.report_html, report_html(story).encode())


class _Tally:
    """Adds up what several imports say into one stage's words."""

    def __init__(self, stage: Stage, noun: str) -> None:
        self._stage, self._noun = stage, noun
        self._lock, self._total, self._names = Lock(), 0, list[str]()

    def add(self, count: int, name: str) -> None:
        with self._lock:
            self._total += count
            self._names.append(name)
            self._stage.say(f"{', '.join(self._names)}: {self._total:,} {self._noun}")


def _hospital_story(imported: Imported) -> HospitalStory:
    report, desk, matrix = imported.report, imported.desk, imported.matrix
    return HospitalStory(
        slug=imported.place.slug,
        name=imported.place.name,
        format=imported.place.format,
        patients=matrix["patients"],
        resources=matrix["resources"],
        quarantined=report["quarantined_messages"],
        planted=sum(planted for _, planted, _ in desk["kinds"]),
        caught=desk["caught"],
        accepted=desk["accepted"],
        corrected=desk["corrected"],
        confirmed=desk["confirmed"],
        replayed=desk["replayed"],
        left_held=desk["left_held"],
        false_alarms=desk["false_alarms"],
        kinds=tuple(KindCount(kind=kind, planted=planted, caught=caught) for kind, planted, caught in desk["kinds"]),
        import_seconds=report["seconds"],
        cells=matrix["cells"],
        cells_different=len(matrix["different"]),
    )
