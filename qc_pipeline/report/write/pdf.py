"""The report on paper: index.html printed by a headless Chromium, where the machine has one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from qc_pipeline.errors import SurroundingsError, UsageError
from qc_pipeline.report.write.manifest import PRINT

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LONGEST_S = 120


def print_pdf(folder: Path) -> Path:
    """Write `folder/report.pdf` from `folder/index.html`, with the page's print style.

    Raises UsageError where there is no Chromium, SurroundingsError where it fails. A PDF carries
    its time of printing, so it is not part of what has the same bytes for the same inputs.
    """
    program = next((p for name in PROGRAMS if (p := shutil.which(name))), None)
    if program is None:
        raise UsageError(
            "--pdf needs Chromium or Chrome on this machine (Debian: apt-get install chromium); "
            "any browser prints index.html to PDF as well"
        )
    target = folder / PRINT
    # Chromium refuses its sandbox to root; the page allows no script but its own.
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    command = [
        program,
        "--headless",
        *as_root,
        "--disable-gpu",
        "--no-pdf-header-footer",
        f"--print-to-pdf={target.resolve()}",
        (folder / "index.html").resolve().as_uri(),
    ]
    try:
        done = subprocess.run(  # noqa: S603  a found program, arguments of our own
            command, capture_output=True, timeout=LONGEST_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise SurroundingsError(f"{program} printed nothing in {LONGEST_S} s") from None
    if done.returncode != 0 or not target.exists():
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise SurroundingsError(f"{program} could not print the report: {' '.join(said)}")
    return target
