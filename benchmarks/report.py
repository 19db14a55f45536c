"""How long a report takes and how big it is: `python -m benchmarks.report`.

What it last printed, and under what load, is kept in report.txt beside it.

Invented scorecards (the tests' generator), no clips. Two shapes: a week of 400 calls, and a week
with eleven before it, 10,000 scorecards and 200 agents in all. `--whole` writes the 10,000 as one
period with 10,000 call pages. The page is opened in Chromium where there is one. Clips of a minute
are cut out of the end of five minutes of sample calls, two channels, in the usual formats.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import soundfile

from qc_pipeline.audio.clips import cut_clip
from qc_pipeline.audio.decode import decode
from qc_pipeline.report.view import build_view
from qc_pipeline.report.write.render import CLIP_THREADS, write_report
from tests.report.inputs import Shape, week

SHAPES = {
    "week of 400": Shape(calls=400, teams=4, agents=10, wordings=True),
    "12 weeks, 10,000 cards": Shape(calls=834, teams=10, agents=20, past_weeks=11, wordings=True),
}
LIMITS = "limits: 4 s for 400 calls, 20 s for 12 weeks; index 1.5 MB, open in 1.5 s"
CLIP_LIMIT_S, CLIPS, CALL_S, RATE = 0.2, 10, 300, 8_000
SAMPLES = Path(__file__).parents[1] / "samples" / "recordings"
FORMATS = {
    "WAV": {"subtype": "PCM_16"},
    "A-law": {"subtype": "ALAW"},
    "Opus": {"format": "OGG", "subtype": "OPUS"},
    "MP3": {"format": "MP3", "subtype": "MPEG_LAYER_III"},
}
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
    for kind, seconds in clips_s():
        print(f"clip of 60 s, {kind:10} {seconds:8.2f} s (limit {CLIP_LIMIT_S})")


def clips_s() -> Iterator[tuple[str, float]]:
    """Seconds a clip of a minute takes, by the recording's format: of ten, cut as a report does."""
    with tempfile.TemporaryDirectory() as place:
        for kind, path in five_minutes(Path(place)):
            jobs = [(path, Path(place) / f"clip-{i}") for i in range(CLIPS)]
            start = time.perf_counter()
            with ThreadPoolExecutor(CLIP_THREADS) as pool:
                list(pool.map(_cut, jobs))
            yield kind, (time.perf_counter() - start) / CLIPS


def _cut(job: tuple[Path, Path]) -> None:
    path, target = job
    middle = (CALL_S - 40, CALL_S - 38)
    made = cut_clip(path, start_s=CALL_S - 60, end_s=CALL_S, silenced=[middle], target=target)
    if made is None:
        raise RuntimeError(f"no clip of {path.name}")


def five_minutes(place: Path) -> Iterator[tuple[str, Path]]:
    """Sample calls one after another, agent left and customer right, 8 kHz."""
    calls = [p for p in sorted(SAMPLES.glob("*.*")) if soundfile.info(p).channels == 2]
    sound = np.concatenate(
        [decode(p).samples.T for p in calls if soundfile.info(p).samplerate == RATE]
    )
    sound = np.resize(sound, (CALL_S * RATE, 2))
    for kind, how in FORMATS.items():
        path = place / f"call.{how.get('format', 'wav').lower()}-{how['subtype'].lower()}"
        soundfile.write(path, sound, RATE, **{"format": "WAV", **how})
        yield kind, path


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
