"""The commands `terminology ...`: a hospital's own maps between code systems."""

# ruff: noqa: FBT002 - a command's options are switches

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from wardround.hospital.commands.opening import by_command, opened
from wardround.web.command_line import HomeOption, JsonOption, answer, say

app = typer.Typer()
terminology_app = typer.Typer(help="The hospital's own maps between code systems.", no_args_is_help=True)
app.add_typer(terminology_app, name="terminology")


@terminology_app.command("load")
def load(
    home: HomeOption,
    path: Annotated[
        Path, typer.Argument(help="Two columns, from and to; or SNOMED International's extended map (RF2).")
    ],
    source: Annotated[str, typer.Option("--from", help="The system of the first codes: http://snomed.info/sct")],
    target: Annotated[str, typer.Option("--to", help="http://hl7.org/fhir/sid/icd-10-cm or http://loinc.org")],
    name: Annotated[str, typer.Option(help="What the map is called here; the same name again replaces it.")],
    as_json: JsonOption = False,
) -> None:
    """Store a map as FHIR ConceptMaps. Values whose code was not known are looked at again."""
    with opened(home, as_json=as_json):
        from wardround.hospital.intake.terminology import load_map

        report, again = load_map(path, source=source, target=target, name=name, by=by_command("terminology load"))
        text = f"{report.as_text()}\n{again.values} values of {again.resources} resources without a standard code have one now."
        facts = {**report.as_json(), "restandardised": asdict(again)}
        answer(facts, as_json=as_json, text=lambda: say(text))


@terminology_app.command("apply")
def apply(home: HomeOption, as_json: JsonOption = False) -> None:
    """Look again at values whose code was not known, after ConceptMaps came another way (an import, the FHIR interface)."""
    with opened(home, as_json=as_json):
        from wardround.hospital.records.actions.restandardising import restandardise

        again = restandardise(by_command("terminology apply"))
        text = f"{again.values} values of {again.resources} resources without a standard code have one now."
        answer(asdict(again), as_json=as_json, text=lambda: say(text))
