"""Where the things that come with the program lie: rubrics, sample calls, the sample model.

An installed wheel carries them inside the package; a checkout has them beside it.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def shipped(kind: str) -> Path:
    """The folder of shipped things, `kind` being "rubrics" or "samples".

    Raises FileNotFoundError where the installation lacks them.
    """
    for folder in (PACKAGE / f"_{kind}", PACKAGE.parent / kind):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"this installation carries no {kind}")
