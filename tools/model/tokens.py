"""The ids the network is trained with: characters, marks, special tokens and time stamps.

They are packed tightly for training; `export.py` moves them to where Whisper's tokenizer has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

COMMA, STOP = "\uff0c", "。"
TIMESTAMPS = 1501
TIMESTAMP_STEP_S = 0.02


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Token ids over an alphabet: text first, then the special ones, then 1501 time stamps."""

    alphabet: str

    @cached_property
    def text_ids(self) -> dict[str, int]:
        """Return the id of every character and of the two marks."""
        return {c: i for i, c in enumerate(self.alphabet + COMMA + STOP)}

    @property
    def characters(self) -> int:
        """Return how many characters there are; also the id of no character in a frame."""
        return len(self.alphabet)

    @property
    def end(self) -> int:
        return self.characters + 2

    @property
    def start(self) -> int:
        return self.characters + 3

    @property
    def zh(self) -> int:
        return self.characters + 4

    @property
    def transcribe(self) -> int:
        return self.characters + 5

    @property
    def no_timestamps(self) -> int:
        return self.characters + 6

    @property
    def no_speech(self) -> int:
        return self.characters + 7

    @property
    def previous(self) -> int:
        return self.characters + 8

    @property
    def first_timestamp(self) -> int:
        return self.characters + 9

    @property
    def size(self) -> int:
        return self.first_timestamp + TIMESTAMPS

    def timestamp(self, time_s: float) -> int:
        """Return the time stamp nearest to a time within the window, 0 to 30 s."""
        step = round(time_s / TIMESTAMP_STEP_S)
        return self.first_timestamp + min(TIMESTAMPS - 1, max(0, step))
