"""Hotwords and prompts that cannot hurt: kept window by window, where nothing is lost by them.

Hotwords go into the model's prompt, and a small model loses speech by that: with twelve sensible
ones Whisper's `base` heard a quarter less. So a window is heard without and with them, and what was
heard with them stands only where it covers as much speech and is as likely.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from qc_pipeline.asr.rehear import unheard_in
from qc_pipeline.asr.second_pass import doubtful
from qc_pipeline.asr.simplified_chinese import simplified
from qc_pipeline.asr.whisper import DecodedWindow
from qc_pipeline.asr.windows import AudioWindow
from qc_pipeline.scoring.evidence.timing import length_s

_LEAST_CHARACTERS = 0.95
"""With help at least so much of the text has to be there: it may say something in fewer characters
(a number in digits), and may not leave a sentence out."""
_NOTHING_S = 0.05
"""Word times are given to 0.02 s; less than this is no speech lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What stands instead of what, plain characters of a window."""

    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.before}→{self.after}"


def helped(
    window: AudioWindow, without: DecodedWindow, with_help: DecodedWindow, language: str
) -> tuple[DecodedWindow, tuple[Change, ...]]:
    """The window as it stands, and what help changed in it (nothing where it stands without)."""
    if not _as_good(window, without, with_help, language):
        return without, ()
    changes = changed(without.text, with_help.text)
    return (with_help, changes) if changes else (without, ())


def _as_good(
    window: AudioWindow, without: DecodedWindow, with_help: DecodedWindow, language: str
) -> bool:
    if not without.words or not with_help.words:
        return False
    if with_help.log_probability < without.log_probability:
        return False
    if doubtful(window, with_help, language) is not None:
        return False
    lost_s = length_s(unheard_in(window, with_help, language)) - length_s(
        unheard_in(window, without, language)
    )
    characters = [sum(1 for c in h.text if c.isalnum()) for h in (without, with_help)]
    return lost_s <= _NOTHING_S and characters[1] >= _LEAST_CHARACTERS * characters[0]


def changed(before: str, after: str) -> tuple[Change, ...]:
    """Where two texts say something else, marks and scripts aside."""
    old, new = _plain(before), _plain(after)
    found = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return tuple(
        Change(before=old[a:b], after=new[c:d]) for kind, a, b, c, d in found if kind != "equal"
    )


def _plain(text: str) -> str:
    return "".join(c for c in simplified(text).lower() if c.isalnum())
