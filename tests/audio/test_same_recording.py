"""The same call coded in another way is known by its envelope; other calls are not."""

from __future__ import annotations

from pathlib import Path

import soundfile

from qc_pipeline.audio.decode import decode
from qc_pipeline.audio.envelope import envelope
from qc_pipeline.audio.same_recording import alike_pairs
from tests.shared_data import ROOT

CALLS = [p for p in sorted((ROOT / "samples" / "recordings").iterdir()) if p.suffix == ".ogg"][:6]


def envelope_of(path: Path) -> bytes:
    decoded = decode(path)
    return envelope(decoded, tuple(range(decoded.samples.shape[0])))


def test_a_call_that_was_converted_is_still_the_same(tmp_path: Path) -> None:
    decoded = decode(CALLS[0])
    quieter = decoded.samples.T / 32_768 * 0.6
    soundfile.write(tmp_path / "a.mp3", quieter, decoded.sample_rate_hz)
    soundfile.write(tmp_path / "b.wav", quieter, decoded.sample_rate_hz, subtype="ALAW")
    envelopes = {p.stem: envelope_of(p) for p in CALLS}
    assert list(alike_pairs(envelopes)) == []
    envelopes |= {n: envelope_of(tmp_path / n) for n in ("a.mp3", "b.wav")}
    own = {CALLS[0].stem, "a.mp3", "b.wav"}
    found = {frozenset(pair) for pair in alike_pairs(envelopes)}
    assert found == {frozenset((a, b)) for a in own for b in own if a < b}


def test_short_envelopes_and_silence_are_compared_with_nothing() -> None:
    assert list(alike_pairs({"a": b"\x05\x20" * 40, "b": b"\x05\x20" * 40})) == []
    assert list(alike_pairs({"a": bytes(400), "b": bytes(400)})) == []
