"""Make the pictures of the documentation: the report of the simulated demo.

Run ``uv run python scripts/make_docs_pictures.py`` after a change of the report. Needs
Debian's Chromium, or another one named by the variable CHROMIUM.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from calcitrace.bootstrap.demonstrating import demo_into

IMAGES = Path(__file__).parents[1] / "docs" / "img"
WIDTH, HEIGHT = 1100, 1400
# Chromium's own sandbox cannot start as root, as in a container.
ARGUMENTS = ["--no-sandbox"] if os.geteuid() == 0 else []


def picture(page: Path, target: Path) -> None:
    """Photograph the top of a page in headless Chromium."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        sys.exit("Expected Chromium, found none. Install it or set CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=ARGUMENTS, headless=True
        )
        tab = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        tab.goto(page.as_uri())
        tab.screenshot(path=target)
        browser.close()


def main() -> None:
    """Run the demo and photograph its report."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        demo = demo_into(Path(folder) / "demo")
        picture(demo.written.folder / "report.html", IMAGES / "report.png")


if __name__ == "__main__":
    main()
