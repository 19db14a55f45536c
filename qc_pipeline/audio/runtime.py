"""What must stand in the environment before the heavy libraries are loaded.

OpenMP threads that spin while they wait make a small model fifty times slower when two of them
share a machine, and the hub's client must never look for a network in the middle of a job. Both
libraries read these once, when they are loaded.
"""

from __future__ import annotations

import os


def prepare_runtime() -> None:
    """Set what is not set. To be called before faster_whisper, ctranslate2 or sklearn is loaded."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("KMP_BLOCKTIME", "0")
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
