"""Take the pictures of docs/screenshots from a demonstration that is being served.

    wardround demo up --home demo-home --json > sides.json &
    python scripts/screenshots.py sides.json

Needs Debian's chromium and the development extras.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from wardround.demo.cast import CAST, OPERATORS

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
TARGET = Path(__file__).parent.parent / "docs" / "screenshots"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sides", type=Path, help="what `wardround demo up --json` printed")
    parser.add_argument("--target", type=Path, default=TARGET)
    parser.add_argument("--hospital", default="Cleveland")
    asked = parser.parse_args()
    asked.target.mkdir(parents=True, exist_ok=True)
    demonstration = json.loads(asked.sides.read_text("utf-8"))
    sides = {side["name"]: side for side in demonstration["sides"]}
    hospital, coordinator = sides[asked.hospital], sides["Study coordinator"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)

        def page_of(role: str, side: dict[str, Any]) -> Page:
            return _log_in(browser, side, role=role, password=demonstration["password"])

        _nurse(page_of("nurse", hospital), base=hospital["url"].rstrip("/"), target=asked.target)
        _doctor(page_of("doctor", hospital), base=hospital["url"].rstrip("/"), target=asked.target)
        _steward(page_of("steward", hospital), base=hospital["url"].rstrip("/"), target=asked.target)
        _administrator(page_of("administrator", hospital), base=hospital["url"].rstrip("/"), target=asked.target)
        _operator(page_of("operator", coordinator), base=coordinator["url"].rstrip("/"), target=asked.target)
        browser.close()
    print(f"The pictures are in {asked.target}")


def _log_in(browser: Browser, side: dict[str, Any], *, role: str, password: str) -> Page:
    known = {person.username: person.role for people in (*CAST.values(), OPERATORS) for person in people}
    page = browser.new_page(viewport={"width": 1480, "height": 900})
    page.goto(f"{side['url'].rstrip('/')}/login/")
    page.fill("#id_username", next(name for name in side["users"] if known[name] == role))
    page.fill("#id_password", password)
    page.press("#id_password", "Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    return page


def _nurse(page: Page, *, base: str, target: Path) -> None:
    page.goto(f"{base}/patients/")
    charts = [link.get_attribute("href") for link in page.query_selector_all(".patients tbody a")[:4]]
    for bed, chart in enumerate(charts, 1):
        page.goto(f"{base}{chart}enter/admit/")
        page.fill("[name=ward]", "Cardiology")
        page.fill("[name=bed]", str(bed))
        page.click(".save-bar button.primary")
    page.goto(f"{base}/worklist/")
    page.screenshot(path=target / "worklist.png")
    page.goto(f"{base}{charts[0]}enter/vital-signs/")
    page.fill("[name=body_temperature]", "386")
    page.press("[name=body_temperature]", "Tab")
    page.wait_for_selector("text=Cannot be saved")
    page.screenshot(path=target / "vital-signs.png")


def _doctor(page: Page, *, base: str, target: Path) -> None:
    page.goto(f"{base}/patients/")
    page.screenshot(path=target / "patients.png")
    page.click(".patients tbody a")
    page.wait_for_selector("#h-reference")
    page.screenshot(path=target / "chart.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path=target / "chart-narrow.png")
    page.set_viewport_size({"width": 1480, "height": 900})
    page.click(".rail a:has-text('Change history')")
    page.wait_for_selector("#h-history")
    page.screenshot(path=target / "history.png")


def _steward(page: Page, *, base: str, target: Path) -> None:
    page.goto(f"{base}/quality/")
    page.wait_for_selector("#sources")
    page.screenshot(path=target / "quality.png")


def _administrator(page: Page, *, base: str, target: Path) -> None:
    page.goto(f"{base}/studies/")
    page.click("main tbody a")
    page.screenshot(path=target / "study.png")
    page.goto(f"{base}/what-left/")
    page.screenshot(path=target / "what-left.png")


def _operator(page: Page, *, base: str, target: Path) -> None:
    page.goto(base)
    page.screenshot(path=target / "federation.png", full_page=True)
    page.goto(f"{base}/runs/")
    page.click("main tbody a")
    page.wait_for_selector("#auroc-chart canvas")
    page.screenshot(path=target / "run.png", full_page=True)


if __name__ == "__main__":
    main()
