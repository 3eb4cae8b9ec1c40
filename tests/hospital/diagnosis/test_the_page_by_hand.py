"""The page's figures of demonstration patients, worked again with numpy alone from the source's table and the stored model.

Nothing of the product calculates here: the vault opens the two stored files, safetensors and json read them, and what was
measured is taken from the data set's own row, not from the hospital's records.
"""

import html
import json
import re

import numpy as np
import pytest
from safetensors.numpy import load

from wardround.bench.heart_model import put_in_use
from wardround.demo.export_csv import write_csv
from wardround.demo.exports import mapping_path
from wardround.demo.paper import paper_charts
from wardround.hospital.intake.importing import import_files
from wardround.hospital.records.models import Resource
from wardround.hospital.training import vault
from wardround.hospital.training.models import LocalModel
from wardround.web.audit.actor import system_actor

pytestmark = pytest.mark.django_db
_NINETY = 1.6448536269514722  # the 95th percentile of a normal
# The study's features, and where the row of the data set says them.
_SAID = {"resting_systolic_pressure": "systolic_pressure"}


def _charts() -> list:
    """The first with everything, the first without a fluoroscopy, and the first woman."""
    charts = paper_charts("cleveland")
    whole = next(c for c in charts if None not in vars(c.row).values())
    gaps = next(c for c in charts if c.row.fluoroscopy_vessels is None or c.row.thallium_scan is None)
    woman = next(c for c in charts if c.row.sex == "female" and c is not gaps)
    return [whole, gaps, woman]


@pytest.fixture(params=range(3), ids=["everything known", "something missing", "a woman"])
def chart(request):
    return _charts()[request.param]


@pytest.fixture
def page(chart, db, settings, tmp_path, as_client, doctor) -> str:
    """The patient's chart as the doctor gets it."""
    put_in_use(settings.HOME)
    write_csv(tmp_path, [chart], written={})
    import_files([tmp_path], by=system_actor("tests"), mapping_text=mapping_path("cleveland").read_text("utf-8"))
    patient = Resource.objects.get(type="Patient").logical_id
    return html.unescape(as_client(doctor).get(f"/patients/{patient}/").content.decode())


@pytest.fixture
def by_hand(chart, page, settings) -> dict:
    """Base, contributions, log-odds, probability and interval."""
    key = LocalModel.objects.get().pk
    stored = vault.fetch(settings.HOME, f"adopted-{key}")
    size = int.from_bytes(stored[:8], "little")
    encoder = json.loads(json.loads(stored[8 : 8 + size])["__metadata__"]["manifest"])["encoder"]
    site = json.loads(vault.fetch(settings.HOME, f"site-part-{key}"))
    weights = load(stored)["weights"] + np.array(site["weights"])
    row = np.array([_standardised(column, chart.row) for column in encoder["columns"]])
    slope, intercept = site["calibration"]["slope"], site["calibration"]["intercept"]
    added = slope * weights[1:] * row
    of_feature = {f["title"]: 0.0 for f in encoder["features"]}
    titles = {f["name"]: f["title"] for f in encoder["features"]}
    for column, amount in zip(encoder["columns"], added, strict=True):
        of_feature[titles[column["feature"]]] += amount
    inputs = np.concatenate([[1.0], row])
    plain = inputs @ weights
    around = np.array([1.0, plain])
    variance = slope**2 * inputs @ np.array(site["covariance"]) @ inputs
    variance += around @ np.array(site["calibration"]["covariance"]) @ around
    logit, half = intercept + slope * plain, _NINETY * np.sqrt(variance)
    return {
        "base": intercept + slope * weights[0],
        "adds": of_feature,
        "logit": logit,
        "percents": tuple(_percent(1 / (1 + np.exp(-one))) for one in (logit, logit - half, logit + half)),
    }


def _standardised(column: dict, row) -> float:
    """One input of the model: 0 where nothing was measured, unless it is the input that says so."""
    value = getattr(row, _SAID.get(column["feature"], column["feature"]))
    if column["part"] == "missing":
        return (float(value is None) - column["mean"]) / column["sd"]
    if value is None:
        return 0.0
    if column["part"] == "value":
        # MEDS keeps numbers as 32-bit floating point.
        return (float(np.float32(float(value))) - column["mean"]) / column["sd"]
    answer = str(value).lower() if isinstance(value, bool) else value
    return (float(answer == column["part"]) - column["mean"]) / column["sd"]


def _percent(probability: float) -> str:
    if probability < 0.01:
        return "<1"
    return ">99" if probability > 0.99 else str(round(100 * probability))


def _table(page: str) -> dict[str, tuple[str, str]]:
    """The sum as the page shows it: title -> (adds, sum so far)."""
    body = page.split('aria-label="The sum"')[1].split("</table>", maxsplit=1)[0]
    rows = re.findall(r'<tr><th scope="row">([^<]+)</th>.*?</tr>', body, flags=re.DOTALL)
    cells = re.findall(r"<tr><th scope=\"row\">[^<]+</th>(.*?)</tr>", body, flags=re.DOTALL)
    numbers = [re.findall(r'class="number[^"]*">([+-]?[\d.]+)<', cell) for cell in cells]
    return {title: (found[0] if len(found) > 1 else "", found[-1]) for title, found in zip(rows, numbers, strict=True)}


def test_estimate_and_interval_are_those_worked_by_hand(page, by_hand):
    percent, low, high = by_hand["percents"]

    shown = re.search(r"<b>([<>\d]+)%</b> <small>likely ([<>\d]+) to ([<>\d]+)%</small>", page)

    assert shown is not None
    assert shown.groups() == (percent, low, high)


def test_every_line_of_the_sum_is_the_one_worked_by_hand(page, by_hand):
    shown = _table(page)

    assert float(shown["Average patient"][1]) == pytest.approx(by_hand["base"], abs=0.0005)
    assert float(shown["Estimate"][1]) == pytest.approx(by_hand["logit"], abs=0.0005)
    assert len(by_hand["adds"]) == len(shown) - 2
    for title, amount in by_hand["adds"].items():
        assert float(shown[title][0]) == pytest.approx(amount, abs=0.0005000001), title


def test_the_direction_of_every_bar_is_the_one_worked_by_hand(page, by_hand):
    bars = re.findall(r"<li><span>(.*?) <b>.*?<em class=\"\w+\">([\w ]+)</em>", page)
    words = dict(bars)

    strongest = sorted(by_hand["adds"], key=lambda title: -abs(by_hand["adds"][title]))[:8]

    assert [title for title, _word in bars][:8] == strongest
    for title in strongest:
        assert words[title] == ("raises" if by_hand["adds"][title] > 0 else "lowers")
