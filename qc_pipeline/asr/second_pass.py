"""Which windows are decoded again with more care (`qc_pipeline.asr.rehear`)."""

from __future__ import annotations

from qc_pipeline.asr.loops import looping_run
from qc_pipeline.asr.turns import outside_speech
from qc_pipeline.asr.whisper import DecodedWindow
from qc_pipeline.asr.windows import AudioWindow

COMPRESSION_LIMIT = 2.4
"""Text that zlib shortens more than this repeats itself (Whisper's own threshold)."""
LOG_PROBABILITY_LIMIT = -1.0
"""Mean log probability below which Whisper's authors decode again."""
FASTEST_CHARACTERS = 12.0
"""Characters a second that nobody exceeds: fast Mandarin broadcast speech has 5 to 6."""
FASTEST_LETTERS = 35.0
"""The same for letters of English: 5 words a second of 7 letters."""
_SILENT_SPEECH_S = 1.0


def doubtful(window: AudioWindow, heard: DecodedWindow, language: str) -> str | None:
    """Why a window's text is doubtful; None when it is not."""
    if not heard.words:
        return "speech without text" if window.speech_s >= _SILENT_SPEECH_S else None
    if heard.compression_ratio > COMPRESSION_LIMIT or looping_run(heard.text) is not None:
        return "loop"
    if heard.log_probability < LOG_PROBABILITY_LIMIT:
        return "low probability"
    if outside_speech(window, heard):
        return "text without speech"
    if too_fast(heard.text, window.speech_s, language):
        return "faster than anyone can speak"
    return None


def too_fast(text: str, speech_s: float, language: str) -> bool:
    """Whether so much text cannot have been said in so much speech.

    A sentence in Latin letters is measured as one, whatever the call's language.
    """
    letters = sum(1 for c in text if c.isalnum())
    latin = sum(1 for c in text if c.isascii() and c.isalpha())
    characters = language == "zh" and latin * 2 <= letters
    fastest = FASTEST_CHARACTERS if characters else FASTEST_LETTERS
    return letters > fastest * (speech_s + 0.5)
