"""How often Python looks for circles."""

from __future__ import annotations

import gc

from qc_pipeline.cli import main as entry
from qc_pipeline.system.workers import run_processes


def thresholds(_: int) -> tuple[int, int, int]:
    return gc.get_threshold()


def make_worker() -> object:
    return thresholds


def test_commands_and_their_processes_look_rarely(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    before = gc.get_threshold()
    try:
        monkeypatch.setattr(entry, "app", lambda: None)
        entry.main()
        assert gc.isenabled()
        assert gc.get_threshold()[0] >= 50_000
        found = run_processes([1], make_worker, processes=1, died=lambda *_: (0, 0, 0))  # type: ignore[arg-type]
        assert [value for _, value in found] == [gc.get_threshold()]
    finally:
        gc.set_threshold(*before)
