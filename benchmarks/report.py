"""How long a report takes and how big it is: `python -m benchmarks.report`.

What it last printed, and under what load, is kept in report.txt beside it.

Invented scorecards (the tests' generator), no clips. Two shapes: a week of 400 calls, and a week
with eleven before it, 10,000 scorecards and 200 agents in all. `--whole` writes the 10,000 as one
period with 10,000 call pages. The page is opened in Chromium where there is one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

from qc_pipeline.report.render import write_report
from qc_pipeline.report.view import build_view
from tests.report.inputs import Shape, week

SHAPES = {
    "week of 400": Shape(calls=400, teams=4, agents=10, wordings=True),
    "12 weeks, 10,000 cards": Shape(calls=834, teams=10, agents=20, past_weeks=11, wordings=True),
}
LIMITS = "limits: 4 s for 400 calls, 20 s for 12 weeks; index 1.5 MB, open in 1.5 s"
WHOLE = {"one period of 10,000": Shape(calls=10_000, teams=10, agents=20, wordings=True)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--whole", action="store_true", help="10,000 call pages at once, too")
    arguments = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {LIMITS}")
    print(f"{'':24} {'seconds':>8} {'CPU s':>8} {'index MB':>9} {'folder MB':>10} {'opens s':>8}")
    for name, shape in (SHAPES | (WHOLE if arguments.whole else {})).items():
        inputs = week(shape)
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "report"
            wall, cpu = time.perf_counter(), time.process_time()
            write_report(build_view(inputs), folder)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            index = (folder / "index.html").stat().st_size / 1e6
            whole = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e6
            opened = opens_s(folder / "index.html")
            shown = "–" if opened is None else f"{opened:.2f}"
            print(f"{name:24} {wall:8.1f} {cpu:8.1f} {index:9.2f} {whole:10.1f} {shown:>8}")


def opens_s(index: Path) -> float | None:
    """Seconds from opening to a page that is laid out and can be read, in Chromium; the best of
    three, without the browser's own start."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=program, args=["--no-sandbox"])
        times = []
        for _ in range(3):
            page = browser.new_page()
            start = time.perf_counter()
            page.goto(index.as_uri(), wait_until="load")
            page.evaluate("document.body.getBoundingClientRect().height")
            times.append(time.perf_counter() - start)
            page.close()
        browser.close()
    return min(times)


if __name__ == "__main__":
    main()
