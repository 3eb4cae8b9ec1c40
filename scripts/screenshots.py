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

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
TARGET = Path(__file__).parent.parent / "docs" / "screenshots"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sides", type=Path, help="what `wardround demo up --json` printed")
    parser.add_argument("--target", type=Path, default=TARGET)
    parser.add_argument("--hospital", default="Budapest")
    asked = parser.parse_args()
    asked.target.mkdir(parents=True, exist_ok=True)
    demonstration = json.loads(asked.sides.read_text("utf-8"))
    sides = {side["name"]: side for side in demonstration["sides"]}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = _log_in(browser, sides[asked.hospital], password=demonstration["password"])
        _hospital(page, base=sides[asked.hospital]["url"], target=asked.target)
        page = _log_in(browser, sides["Study coordinator"], password=demonstration["password"])
        _coordinator(page, base=sides["Study coordinator"]["url"], target=asked.target)
        browser.close()
    print(f"The pictures are in {asked.target}")


def _log_in(browser: Browser, side: dict[str, Any], *, password: str) -> Page:
    page = browser.new_page(viewport={"width": 1480, "height": 900})
    page.goto(f"{side['url'].rstrip('/')}/login/")
    page.fill("#id_username", side["users"][0])
    page.fill("#id_password", password)
    page.press("#id_password", "Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    return page


def _hospital(page: Page, *, base: str, target: Path) -> None:
    page.goto(f"{base.rstrip('/')}/patients/")
    page.screenshot(path=target / "patients.png")
    page.click(".patients tbody a")
    page.wait_for_selector("#h-reference")
    page.screenshot(path=target / "chart.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path=target / "chart-narrow.png")
    page.set_viewport_size({"width": 1480, "height": 900})
    page.click(".rail a:last-child")
    page.wait_for_selector("#h-history")
    page.screenshot(path=target / "history.png")
    page.goto(f"{base.rstrip('/')}/quality/")
    page.wait_for_selector("#sources")
    page.screenshot(path=target / "quality.png")


def _coordinator(page: Page, *, base: str, target: Path) -> None:
    page.goto(base)
    page.screenshot(path=target / "federation.png", full_page=True)
    page.click("#runs tbody a")
    page.wait_for_selector("#auroc-chart canvas")
    page.screenshot(path=target / "run.png", full_page=True)


if __name__ == "__main__":
    main()
