"""Ctrl-C in the middle of a batch, with a model that talks until it is stopped."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.asr.tiny_model import random_model
from tests.audio.speechlike import RATE_HZ, at, speech
from tests.workspaces import take_interrupts


@pytest.mark.slow
def test_ctrl_c_stops_a_long_batch_within_five_seconds(tmp_path: Path) -> None:
    model = random_model(tmp_path / "m", "base", quantization="int8", stop_bias=-50.0)
    left = at([(1.0 + 31 * n, speech(28, pitch_hz=200, seed=n)) for n in range(8)], 260)
    soundfile.write(tmp_path / "a.wav", np.stack([left, left[::-1]], axis=1), RATE_HZ)
    code = f"""
from pathlib import Path
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.transcribe import AsrJob, recognise
from qc_pipeline.asr.load import load_recogniser
recogniser = load_recogniser(AsrOptions(model={str(model)!r}, threads=1), Path())
print("loaded", flush=True)
list(recognise([AsrJob(recording_id="1", path=Path({str(tmp_path / "a.wav")!r}))], recogniser))
print("finished", flush=True)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=take_interrupts,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "loaded\n"
        time.sleep(6)  # into the decoding of the first batch
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        started = time.perf_counter()
        try:
            _, errors = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        took = time.perf_counter() - started
    assert "KeyboardInterrupt" in errors
    assert "finished" not in errors
    assert took < 5.0
