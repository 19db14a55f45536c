"""Which notes of a transcript are about its recording: told wherever its card is shown."""

from __future__ import annotations

from qc_pipeline.call import Transcript
from qc_pipeline.message import Message

_LAYOUT = {
    "voices.both-left",
    "voices.both-right",
    "voices.mixed",
    "voices.shared",
    "voices.too-fast",
    "voices.too-slow",
    "voices.used",
}


def recording_notes(transcript: Transcript | None) -> tuple[Message, ...]:
    """What is unusual about a recording: parts that nobody could read, its channels, its speed."""
    notes = () if transcript is None else transcript.notes
    return tuple(n for n in notes if n.code.startswith("audio.") or n.code in _LAYOUT)
