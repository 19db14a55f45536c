"""What of a recording nobody could read: from when to when, and why."""

from __future__ import annotations

from dataclasses import dataclass

from qc_pipeline.call import Span
from qc_pipeline.message import Message

UNKNOWN_S = 10.0
"""So much counts as missing where nobody knows how much was lost: a closing phrase fits into it."""
LONGEST_S = 24 * 3600.0
"""No call lasts longer: a header that says so is not believed."""
SLACK_S = 0.5
SLACK_SHARE = 0.01
"""Decoders of compressed sound pad or trim a little, and lists round; more than both is a lost
end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A stretch of a recording that is not in what was read.

    `end_s` is None where nobody knows how much was lost. Times are those of what was read: what is
    lost at the end begins where the sound that was read ends.
    """

    start_s: float
    end_s: float | None
    reason: Message

    @property
    def span(self) -> Span:
        """The stretch in seconds, `UNKNOWN_S` long where its length is not known."""
        return self.start_s, self.start_s + UNKNOWN_S if self.end_s is None else self.end_s


def bounded_s(length_s: float) -> float | None:
    """A length that a header gives, in seconds; None where no call can be so long or so short."""
    return length_s if 0.0 < length_s <= LONGEST_S else None


def is_less(read_s: float, named_s: float) -> bool:
    """Whether what was read is shorter than what was named by more than codecs and lists round."""
    return read_s < named_s - max(SLACK_S, named_s * SLACK_SHARE)
