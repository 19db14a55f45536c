"""The levels drawn on a call's page are those of the recording as it lies there now."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qc_pipeline.job.report import report_inputs
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import kept_sample
from qc_pipeline.workspace.open_workspace import open_workspace
from tests.workspaces import SAMPLES, make_workspace, qc

MONO = SAMPLES / "recordings" / "C20261112-049.ogg"


@pytest.mark.slow
def test_a_mono_recording_put_in_place_of_one_with_two_channels_has_one_level(
    tmp_path: Path,
) -> None:
    row = make_workspace(tmp_path, calls=1, budget=1)[0]
    qc(tmp_path, "run")
    shutil.copyfile(MONO, tmp_path / "recordings" / row["path"])
    qc(tmp_path, "transcribe")  # not scored yet: the card is still of the two channels
    workspace = open_workspace(tmp_path)
    url = workspace.settings.store_url()
    record = Record(url, now=lambda: datetime.now(UTC), who="test")
    kept = kept_sample(record, "2026-W46")
    assert kept is not None
    inputs = report_inputs(workspace, record, kept)
    record.close()
    envelope = inputs.envelopes[row["recording_id"]]
    assert envelope.agent and not envelope.customer
