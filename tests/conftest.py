"""What all tests share: weeks made once, and a PostgreSQL server where one is installed."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import qc_pipeline  # noqa: F401 - before numpy, as `qc` loads it: it sets how many threads numpy has
from qc_pipeline.audio.runtime import prepare_runtime
from tests import folders_in_memory, new_records, speech_detector
from tests.browsing import browser
from tests.fixtures import (
    answered_week,
    clock,
    database_url,
    made_once,
    private_week,
    published_once,
    published_week,
    sample_week,
    scored_week,
    week,
    week_of_either,
)

__all__ = [
    "answered_week",
    "browser",
    "clock",
    "database_url",
    "made_once",
    "private_week",
    "published_once",
    "published_week",
    "sample_week",
    "scored_week",
    "week",
    "week_of_either",
]

# Before any test loads the recogniser: the environment it runs in outside the tests, too.
prepare_runtime()

folders_in_memory.where_there_is_room()
new_records.copy_the_first()
speech_detector.ask_once()

# How long an example takes tells how busy the machine is, and no property is about that: with a
# deadline the first example that loads a library fails, and the same one passes when given again.
settings.register_profile("qc", deadline=None)
settings.load_profile("qc")

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first: two processes, a file each, then end at about the same time."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the collector need not look through it each time.

    What tests leave behind it looks through more rarely than it would by itself.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 10, 30)


def _postgres_programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a server of our own; skipped loudly where PostgreSQL is not installed."""
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    pytest.importorskip("psycopg")
    # PostgreSQL refuses to run as root; Debian's package brings a user of its own.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="qc-pg-"))
    if as_user:
        shutil.chown(folder, "postgres")
    port = _free_port()
    data = folder / "data"
    subprocess.run(
        [*as_user, programs / "initdb", "-D", data, "-U", "qc", "-A", "trust", "-E", "UTF8", "-N"],
        check=True,
        capture_output=True,
        cwd=folder,
    )
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c fsync=off -k {folder}"
    ctl = [*as_user, programs / "pg_ctl", "-D", data, "-w"]
    subprocess.run(
        [*ctl, "-o", options, "-l", folder / "log", "start"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
    )
    try:
        yield f"postgresql+psycopg://qc@127.0.0.1:{port}"
    finally:
        subprocess.run([*ctl, "-m", "immediate", "stop"], capture_output=True, cwd=folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """A database of the test's own."""
    import sqlalchemy as sa

    name = f"t{uuid.uuid4().hex}"
    engine = sa.create_engine(f"{postgres_server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return f"{postgres_server}/{name}"
