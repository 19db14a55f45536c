"""Hotwords and prompts that cannot hurt: kept window by window, where nothing is lost by them.

Hotwords go into the model's prompt, and a small model loses speech by that: with twelve sensible
ones Whisper's `base` heard a quarter less; with another twelve it wrote a digit after every other
sentence, and was surer of itself than before. So a window is heard without and with them, and what
was heard with them stands only where it covers as much speech, is as likely, and sounds the same:
help is there to spell a sound rightly, not to hear another.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher

from qc_pipeline.asr.rehear import unheard_in
from qc_pipeline.asr.second_pass import doubtful
from qc_pipeline.asr.simplified_chinese import simplified
from qc_pipeline.asr.whisper import DecodedWindow
from qc_pipeline.asr.windows import AudioWindow
from qc_pipeline.scoring.evidence.timing import length_s
from qc_pipeline.text.numerals import spoken_form
from qc_pipeline.text.syllables import sound_alike

_LEAST_CHARACTERS = 0.95
"""With help at least so much of the text has to be there: it may say something in fewer characters
(a number in digits), and may not leave a sentence out."""
_MOST_UNLIKE = 0.03
"""Of the characters, so many may sound otherwise with help."""
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
    unlike = sum(max(len(c.before), len(c.after)) for c in changes if not _sounds_alike(c))
    if not changes or unlike > _MOST_UNLIKE * len(_plain(without.text)):
        return without, ()
    return with_help, changes


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
    """Letters, simplified, digits as they are read out."""
    plain = unicodedata.normalize("NFKC", simplified(text)).lower()
    spelled = re.sub("[0-9]+", lambda digits: spoken_form(digits.group(0)), plain)
    return "".join(c for c in spelled if c.isalnum())


def _sounds_alike(change: Change) -> bool:
    return len(change.before) == len(change.after) and all(
        sound_alike(a, b) for a, b in zip(change.before, change.after, strict=True)
    )
