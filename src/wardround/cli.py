"""The command `wardround`: mounts every side's commands and turns what they refuse into one sentence."""

import typer

from wardround.bench.commands import app as bench
from wardround.coordinator.commands import app as coordinator
from wardround.demo.commands import app as demo
from wardround.federation.commands import app as study
from wardround.hospital.commands.cds import app as hospital_cds
from wardround.hospital.commands.duplicates import app as hospital_duplicates
from wardround.hospital.commands.intake import app as hospital_intake
from wardround.hospital.commands.listening import app as hospital_listening
from wardround.hospital.commands.people import app as hospital_people
from wardround.hospital.commands.quality import app as hospital_quality
from wardround.hospital.commands.records import app as hospital_records
from wardround.hospital.commands.sharing import app as hospital_sharing
from wardround.hospital.commands.terminology import app as hospital_terminology
from wardround.hospital.commands.training import app as hospital_training

app = typer.Typer(
    name="wardround",
    help="Hospitals learn from each other's patients without showing them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

hospital = typer.Typer(help="A hospital's node: records, training, predictions.", no_args_is_help=True)
hospital.add_typer(hospital_records)
hospital.add_typer(hospital_people)
hospital.add_typer(hospital_intake)
hospital.add_typer(hospital_quality)
hospital.add_typer(hospital_duplicates)
hospital.add_typer(hospital_listening)
hospital.add_typer(hospital_sharing)
hospital.add_typer(hospital_terminology)
hospital.add_typer(hospital_training)
hospital.add_typer(hospital_cds)

app.add_typer(demo, name="demo")
app.add_typer(hospital, name="hospital")
app.add_typer(coordinator, name="coordinator")
app.add_typer(study, name="study")
app.add_typer(bench, name="bench")


def main() -> None:
    """Entry point of the console script."""
    app(prog_name="wardround")


if __name__ == "__main__":
    main()
