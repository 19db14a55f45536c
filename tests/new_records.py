"""A record's empty database made once: its tables come of nine migrations, a test's in between.

Making them takes longer than most of what a test does with them. The first record of a process is
made as everywhere; the file of each that follows begins as a copy of it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from qc_pipeline.store import record
from qc_pipeline.store.connection import open_engine
from qc_pipeline.store.migrate import bring_up_to_date


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "qc.sqlite"
        engine = open_engine(f"sqlite:///{file}")
        bring_up_to_date(engine)
        engine.dispose()
        return file.read_bytes()


def _brought_up_to_date(engine: sa.Engine, *, now: Callable[[], datetime]) -> None:
    name = engine.url.database
    if engine.dialect.name == "sqlite" and name and name != ":memory:" and not Path(name).exists():
        begun = Path(f"{name}.{os.getpid()}")
        try:
            begun.write_bytes(_empty())
            os.link(begun, name)  # of two who make it one does, as with SQLite itself
        except OSError:
            pass  # the real one says what is wrong with the place
        finally:
            begun.unlink(missing_ok=True)
    bring_up_to_date(engine, now=now)


def copy_the_first() -> None:
    """For all tests of this process."""
    record.bring_up_to_date = _brought_up_to_date
