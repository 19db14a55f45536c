"""A real Chromium: our pages watched in it, the clips of a report silent."""

from __future__ import annotations

import shutil
import struct
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.report.inputs import ClipJob

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NEEDS_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None, reason="NO BROWSER: Chromium is not installed (apt-get install chromium)"
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Started once a module."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="NO BROWSER: playwright missing")
    with sync_api.sync_playwright() as running:
        started = running.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        yield started
        started.close()


def make_wave(job: ClipJob) -> Path:
    """A clip of silence, as long as asked."""
    path = job.target.with_name(job.target.name + ".wav")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(struct.pack("<h", 0) * int((job.end_s - job.start_s) * 8000))
    return path


def open_page(browser: Any, path: Path, **options: Any) -> tuple[Any, list[str]]:
    """A page with everything that goes wrong, or goes out, collected."""
    page = browser.new_page(**options)
    wrong: list[str] = []
    page.on("console", lambda m: wrong.append(f"{m.type}: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda e: wrong.append(f"error: {e}"))
    page.on("dialog", lambda d: wrong.append("dialog") or d.dismiss())
    page.on(
        "request",
        lambda r: wrong.append(f"request: {r.url}") if not r.url.startswith("file:") else None,
    )
    page.add_init_script("window.hits = 0; window.hit = function () { window.hits += 1; };")
    page.goto(path.as_uri())
    return page, wrong


def wait_until(page: Any, condition: str) -> None:
    """Playwright's own waiting evaluates a string in the page, which the page's policy forbids."""
    for _ in range(300):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never so: {condition}")
