"""What of a recording nobody could read: from when to when, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
LIST_SLACK_S = 3.0
LIST_SLACK_SHARE = 0.05
"""A call list counts from another moment than the recorder: they differ beyond both of these."""
LEAST_READ = 2 / 3
"""A damaged recording of which less than this could be read is not listened to."""
_NO_DAMAGE = ("audio.list-longer", "audio.paused")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainstList:
    """What a recording lacks once the call list was asked, and what is to be told of it."""

    missing: tuple[Missing, ...]
    notes: tuple[Message, ...]


def against_list(
    missing: Sequence[Missing], *, read_s: float, talk_s: float, listed_s: float | None
) -> AgainstList:
    """What a recording of `read_s` seconds lacks, by the call list's `listed_s` (None: not said).

    `talk_s`: its length without what the recorder wrote of nothing at its end. Where a file's end
    may be missing, a list that is no longer than what was read says that it is not; one that is
    longer says how much.
    """
    told = lengths_differ(read_s=read_s, talk_s=talk_s, listed_s=listed_s)
    if listed_s is None:
        return AgainstList(missing=tuple(missing), notes=())
    kept: list[Missing] = []
    longer = told is not None and told.code == "audio.list-longer"
    open_end = False
    for one in missing:
        if one.end_s is not None or one.start_s < read_s - SLACK_S:
            kept.append(one)
        elif longer:
            open_end = True
            kept.append(replace(one, end_s=listed_s))
    if told is not None and longer and not open_end and not _covers(kept, read_s, listed_s):
        kept.append(Missing(start_s=read_s, end_s=listed_s, reason=told))
    return AgainstList(missing=tuple(kept), notes=() if told is None else (told,))


def lengths_differ(*, read_s: float, talk_s: float, listed_s: float | None) -> Message | None:
    """What to tell where a call list and a recording differ in length; None where they agree."""
    if listed_s is None or bounded_s(listed_s) is None:
        return None
    slack_s = max(LIST_SLACK_S, LIST_SLACK_SHARE * max(listed_s, read_s))
    if read_s < listed_s - slack_s:
        return Message.of("audio.list-longer", listed_s=listed_s, read_s=read_s)
    if talk_s > listed_s + slack_s:
        return Message.of("audio.list-shorter", listed_s=listed_s, read_s=talk_s)
    return None


def too_little(missing: Sequence[Missing], read_s: float) -> Message | None:
    """Why a recording is not worth listening to: a third of it and more is damaged or cut off.

    What only the list misses is none of that (the list may be wrong), nor is a recorder's pause.
    """
    broken = [m for m in missing if m.end_s is not None and m.reason.code not in _NO_DAMAGE]
    lost_s = sum(m.span[1] - m.span[0] for m in broken)
    if read_s + lost_s > 0 and read_s < LEAST_READ * (read_s + lost_s):
        return max(broken, key=lambda m: m.span[1] - m.span[0]).reason
    return None


def _covers(missing: Sequence[Missing], from_s: float, until_s: float) -> bool:
    """Whether the end up to `until_s` is missing already, for a reason of the file's own."""
    return any(m.span[0] <= from_s + SLACK_S and m.span[1] >= until_s - SLACK_S for m in missing)
