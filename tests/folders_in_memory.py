"""Folders of tests in memory instead of on a disk, where the machine has room for them.

A test makes and forgets some hundred small files and waits for the disk at every end of a
transaction, which tells nothing: only a loss of power could show whether it was right.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

PLACE = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of the user's own in it
ROOM_BYTES = 4_000_000_000
"""All tests leave some hundred megabytes; what runs beside them wants memory, too."""
PYTESTS_OWN = "PYTEST_DEBUG_TEMPROOT"


def where_there_is_room() -> None:
    """Before pytest makes its first folder. Who names a place (TMPDIR, --basetemp) is heard."""
    if PYTESTS_OWN in os.environ or "TMPDIR" in os.environ:
        return
    if os.access(PLACE, os.W_OK) and shutil.disk_usage(PLACE).free >= ROOM_BYTES:
        os.environ[PYTESTS_OWN] = str(PLACE)
