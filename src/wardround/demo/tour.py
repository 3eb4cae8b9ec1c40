"""The tour: from four exports to one model and its report, by the commands that users have, each side a process of its own."""

import json
import secrets
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any

from rich.console import Console

from wardround.demo.exports import mapping_path, write_exports
from wardround.demo.folder import COORDINATOR, DemoFolder
from wardround.demo.report import report_html
from wardround.demo.source import PLACES, Place
from wardround.demo.spoken import two_at_a_time, wardround
from wardround.demo.stages import Stage, Stages
from wardround.demo.story import HospitalStory, KindCount, Story, report_json, save_story
from wardround.web.sealed_file import write_whole

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

    def __init__(self, folder: DemoFolder, *, seed: int, stages: Stages) -> None:
        self.folder, self.seed, self.stages = folder, seed, stages
        self.password = secrets.token_urlsafe(12)

    def build(self) -> Story:
        """Everything from an empty folder to the report. Raises DemoError; a folder left half-built is begun anew next time."""
        self.folder.begin_anew()
        self.folder.note(seed=self.seed, state="building", password=self.password)
        self._write_exports()
        self._make_homes()
        imported = self._import_all()
        story = self._tell(imported)
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
        self._say("demo", "staff", "--home", home, "--side", place.slug, stdin=f"{self.password}\n")

    def _make_coordinator(self) -> None:
        home = self.folder.coordinator
        self._say("coordinator", "init", "--home", home, "--name", "Study coordinator", "--json")
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
        work: dict[str, Any] = self._say("demo", "desk", *side, self.folder.path)
        return work

    def _check_matrix(self, place: Place) -> dict[str, Any]:
        side = ("--home", self.folder.hospital(place.slug), "--hospital", place.slug, "--seed", str(self.seed))
        check: dict[str, Any] = self._say("demo", "matrix", *side)
        return check

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


def tour(folder: DemoFolder, *, seed: int, console: Console) -> Story:
    """Build the whole demonstration anew in this folder and return what happened."""
    stages = Stages(console)
    return Tour(folder, seed=seed, stages=stages).build()


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
        resources=report["resources"] - report["unchanged"],
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
