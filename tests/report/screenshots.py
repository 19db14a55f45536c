"""Pictures of every part for docs/screenshots: `python -m tests.report.screenshots`.

Invented scorecards, silent clips. Run it after a change of looks, and look at the pictures.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from qc_pipeline.intake.tables import TrafficRow
from qc_pipeline.report.view import View, build_view
from qc_pipeline.report.write.render import write_report
from tests.browsing import make_wave
from tests.report.inputs import TEAMS, Shape, week
from tests.report.made_talk import partly_unheard

PLACE = Path(__file__).parents[2] / "docs" / "screenshots"
DESK, TELEPHONE = (1280, 720), (390, 760)

# name, page, width and height, scheme, what stands at the top of the picture
SHOTS = (
    ("index-desk", "index.html", DESK, "light", ""),
    ("scores-desk", "index.html", DESK, "light", "#groups-part"),
    ("deductions-desk-dark", "index.html", DESK, "dark", "#deductions-part"),
    ("heat-map-desk", "index.html", DESK, "light", "#heat"),
    ("problem-calls-desk", "index.html", DESK, "light", "#problems"),
    ("service-desk", "index.html", DESK, "light", "#service-figures"),
    ("trends-desk", "index.html", DESK, "light", "#weeks-mean"),
    ("sample-desk", "index.html", DESK, "light", "#sample"),
    ("call-desk", "call", DESK, "light", ""),
    ("agent-desk", "agent", DESK, "light", ""),
    ("english-desk", "english", DESK, "light", ""),
    ("index-telephone", "index.html", TELEPHONE, "light", ""),
    ("scores-telephone", "index.html", TELEPHONE, "light", "#daily-part"),
    ("call-telephone-dark", "call", TELEPHONE, "dark", ""),
)


def main() -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    program = shutil.which("chromium")
    inputs = week(
        Shape(calls=60, past_weeks=8), audience="manager", delete_clips_after=date(2027, 2, 21)
    )
    inputs = replace(inputs, traffic=tuple(_traffic(inputs.period.start, inputs.period.end)))
    heard = {k: partly_unheard(t) for k, t in inputs.transcripts.items()}
    inputs = replace(inputs, transcripts=heard)
    view = build_view(inputs)
    english = build_view(replace(inputs, options=replace(inputs.options, language="en")))
    with tempfile.TemporaryDirectory() as place, sync_playwright() as running:
        folder = Path(place) / "report"
        write_report(view, folder, make_clip=make_wave)
        write_report(english, Path(place) / "english", make_clip=make_wave)
        browser = running.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for shot in SHOTS:
            take(browser, view, folder, *shot)
        browser.close()


def _traffic(first: date, last: date) -> Iterator[TrafficRow]:
    """Invented: more calls towards the weekend, and a Thursday on which many were given up."""
    for i in range((last - first).days + 1):
        answered = 230 + 4 * i - (30 if i == 3 else 0)
        for team in TEAMS:
            yield TrafficRow(
                day=first + timedelta(days=i),
                team=team,
                offered=250 + 4 * i,
                answered=answered,
                answered_in_time=answered - 40,
                queue_s=answered * 12.0,
                after_call_s=answered * 41.0,
            )


def take(
    browser: Any,
    view: View,
    folder: Path,
    name: str,
    path: str,
    size: tuple[int, int],
    scheme: str,
    at: str,
) -> None:
    found = {
        "english": "../english/index.html",
        "call": next(c.page for c in view.calls if c.recording_id in view.clip_calls),
        "agent": f"agents/{view.agents[0].key}.html" if view.agents else "",
    }
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page.goto((folder / found.get(path, path)).as_uri())
    if at:
        page.evaluate(
            "s => { document.documentElement.style.scrollBehavior = 'auto';"
            " document.querySelector(s).scrollIntoView(); }",
            at,
        )
    page.wait_for_timeout(400)
    page.screenshot(path=PLACE / f"{name}.png")
    page.close()


if __name__ == "__main__":
    main()
