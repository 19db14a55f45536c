"""Who spoke when: merged turns, silences, interruptions, answers, pace and shares.

Pure; everything follows from a `Transcript`. All times are seconds from the start of the
recording. RUBRIC.md ("Conditions") is the source of every definition and bound here; where it is
silent the docstring says what was chosen and why.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from math import inf
from typing import NamedTuple

from qc_pipeline.call import Span, Speaker, Transcript, Turn

MERGE_GAP_S = 1.5

_FEEDBACK_ZH = re.compile(
    r"(?:嗯|恩|唔|呃|哦|噢|喔|啊|哎|唉|诶|欸|哈|对|是|好|行|的|呀|吧|呢|了|明白|知道|没错|没问题"
    r"|可以|ok|okay)+",
    re.IGNORECASE,
)
# What one of them begins with, for a cheap look first.
_FEEDBACK_FIRST = frozenset("嗯恩唔呃哦噢喔啊哎唉诶欸哈对是好行的呀吧呢了明知没可o")
_FEEDBACK_EN = frozenset(
    {"uh", "huh", "uhhuh", "um", "er", "mm", "mmm", "mhm", "hm", "hmm", "ok", "okay", "oh", "ah"}
    | {"yes", "yeah", "yep", "yup", "right", "sure", "alright", "fine", "good", "great"}
    | {"i", "see", "got", "it"}
)
_NOT_WORD = re.compile(r"[\W_]+")
_WORD_EN = re.compile(r"[0-9A-Za-zÀ-ɏ]+(?:['’][A-Za-z]+)*")
_UNIT_ZH = re.compile(r"[0-9A-Za-zÀ-ɏ]+|[^\W_]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_DIGITS = re.compile(r"[0-9]")


# These two are made for every turn of every call: as tuples they cost half of a dataclass.
class MergedTurn(NamedTuple):
    """Turns of one party with nothing of the other between and at most 1.5 s apart.

    `parts` are indexes into `Transcript.turns`, in time; part i begins at character `offsets[i]`
    of `text` (the parts' texts with a space between).
    """

    speaker: Speaker
    start_s: float
    end_s: float
    text: str
    parts: tuple[int, ...]
    offsets: tuple[int, ...]


class SilentSpan(NamedTuple):
    """Nobody speaks. `after` spoke last before it, `before` first after it."""

    start_s: float
    end_s: float
    after: Speaker
    before: Speaker

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """`speaker` starts merged turn `turn` while the other's merged turn `other` is going on.

    Both talk from `start_s` to `end_s`. `chars` counts what the speaker said in the whole turn
    without leading feedback words; `gave_way`: the other stopped first.
    """

    speaker: Speaker
    start_s: float
    end_s: float
    turn: int
    other: int
    chars: int
    gave_way: bool

    @property
    def overlap_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """`speaker` answers the other's merged turn `other` with merged turn `turn`.

    `wait_s` is 0 where the answer began before the other had ended.
    """

    speaker: Speaker
    start_s: float
    wait_s: float
    turn: int
    other: int


def merge_turns(turns: Sequence[Turn]) -> tuple[MergedTurn, ...]:
    """Merged turns sorted by (start, speaker); turns out of order or ending early are put right."""
    keys = [(t.start_s, t.speaker) for t in turns]
    groups: list[list[int]] = []
    spans: list[list[float]] = []
    last: dict[Speaker, int] = {}
    heard_until: dict[Speaker, float] = {}
    for i in sorted(range(len(turns)), key=keys.__getitem__):
        start, speaker = keys[i]
        end = turns[i].end_s
        if end < start:
            end = start
        group = last.get(speaker)
        if group is not None:
            until = spans[group][1]
            gap = start - until
            if gap <= MERGE_GAP_S:
                between = heard_until.get(speaker.other)
                if gap <= 0 or between is None or between <= until:
                    groups[group].append(i)
                    spans[group][1] = max(until, end)
                    heard_until[speaker] = max(heard_until[speaker], end)
                    continue
        last[speaker] = len(groups)
        groups.append([i])
        spans.append([start, end])
        if heard_until.get(speaker, end) <= end:
            heard_until[speaker] = end
    return tuple([_merged(turns, group, a, b) for group, (a, b) in zip(groups, spans, strict=True)])


_AT_ONCE = (0,)


def _merged(turns: Sequence[Turn], group: list[int], start: float, end: float) -> MergedTurn:
    first = turns[group[0]]
    text = first.text
    if len(group) == 1:
        return MergedTurn(first.speaker, start, end, text, (group[0],), _AT_ONCE)
    offsets = [0]
    for i in group[1:]:
        offsets.append(len(text) + 1)
        text = f"{text} {turns[i].text}"
    return MergedTurn(
        speaker=first.speaker,
        start_s=start,
        end_s=end,
        text=text,
        parts=tuple(group),
        offsets=tuple(offsets),
    )


def is_feedback(text: str, language: str) -> bool:
    """Whether a turn holds nothing but feedback words (嗯 对 好的, uh-huh) or nothing at all."""
    if language.startswith("en"):
        return all(w.lower() in _FEEDBACK_EN for w in _WORD_EN.findall(text))
    if text and text[0].isalnum() and text[0].lower() not in _FEEDBACK_FIRST:
        return False
    bare = _NOT_WORD.sub("", text)
    return not bare or _FEEDBACK_ZH.fullmatch(bare) is not None


def chars(text: str) -> int:
    """Characters that are spoken: no spaces, no punctuation."""
    return len(_NOT_WORD.sub("", text))


def chars_without_feedback(text: str, language: str) -> int:
    """`chars` without the feedback words that a turn begins with."""
    if language.startswith("en"):
        words = _WORD_EN.findall(text)
        at = 0
        while at < len(words) and words[at].lower() in _FEEDBACK_EN:
            at += 1
        return sum(len(w) for w in words[at:])
    bare = _NOT_WORD.sub("", text)
    leading = _FEEDBACK_ZH.match(bare)
    return len(bare) - (leading.end() if leading else 0)


def units(text: str, language: str) -> int:
    """What a speech rate counts: words in English, else characters (each digit one, 5G two)."""
    if language.startswith("en"):
        return len(_WORD_EN.findall(text))
    if _LATIN.search(text) is None:
        return chars(text)
    return sum(
        max(1, len(_DIGITS.findall(u)) + (not u.isdigit())) if u.isascii() else 1
        for u in _UNIT_ZH.findall(text)
    )


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time as disjoint spans, sorted."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            if end > out[-1][1]:
                out[-1] = (out[-1][0], end)
        else:
            out.append((start, max(start, end)))
    return out


def length_s(spans: Iterable[Span]) -> float:
    return sum(end - start for start, end in spans)


def clip(spans: Iterable[Span], start_s: float, end_s: float) -> list[Span]:
    return [(max(a, start_s), min(b, end_s)) for a, b in spans if a < end_s and b > start_s]


def subtract(spans: Sequence[Span], holes: Sequence[Span]) -> list[Span]:
    """Time of `spans` that is not in `holes`; both disjoint and sorted."""
    out: list[Span] = []
    passed = 0
    for start, end in spans:
        at = start
        while passed < len(holes) and holes[passed][1] <= start:
            passed += 1
        for a, b in islice(holes, passed, None):
            if a >= end:
                break
            if a > at:
                out.append((at, a))
            at = max(at, b)
        if at < end:
            out.append((at, end))
    return out


def turn_spans(turns: Iterable[Turn], speaker: Speaker) -> list[Span]:
    """When a speaker's words were said, by the turns."""
    return union([(t.start_s, max(t.start_s, t.end_s)) for t in turns if t.speaker is speaker])


def talk_spans(transcript: Transcript, speaker: Speaker) -> list[Span]:
    """When a speaker talked: the voice detector's regions where both were measured, else turns."""
    if all(s in transcript.speech for s in Speaker):
        return union(transcript.speech[speaker])
    return turn_spans(transcript.turns, speaker)


def talk_time_s(transcript: Transcript, speaker: Speaker) -> float:
    return length_s(talk_spans(transcript, speaker))


def talk_share(transcript: Transcript, speaker: Speaker) -> float | None:
    """The speaker's part of both parties' speaking time, in [0, 1]; None where nobody spoke."""
    own, other = (talk_time_s(transcript, s) for s in (speaker, speaker.other))
    return own / (own + other) if own + other > 0 else None


def silences(transcript: Transcript) -> tuple[SilentSpan, ...]:
    """Spans between turns in which nobody speaks, in time.

    Nothing before the first or after the last turn counts. Ringing and music are no turns, so they
    are silence; a voice that the detector heard but nobody understood is none. Where the recorder
    was paused nobody knows what was: it is no silence, and divides the one it lies in.
    """
    busy = [(t.start_s, t.end_s, t.speaker) for t in transcript.turns if t.end_s >= t.start_s]
    if not busy:
        return ()
    begin, end = min(busy)[0], max([b for _, b, _ in busy])
    for speaker in Speaker:
        busy += [
            (a, b, speaker)
            for a, b in transcript.speech.get(speaker, ())
            if begin <= a < end and b > begin
        ]
    busy.sort()
    pauses = union(transcript.pauses)
    out = []
    _, until, last = busy[0]
    for a, b, speaker in busy:
        if a > until:
            gap = [(until, a)]
            for start, end in subtract(gap, pauses) if pauses else gap:
                out.append(SilentSpan(start, end, last, speaker))
        if b > until:
            until, last = b, speaker
    return tuple(out)


def longest(spans: Iterable[SilentSpan]) -> SilentSpan | None:
    """The longest silence, the first of several; None of none."""
    best, length = None, -inf
    for span in spans:
        if span.end_s - span.start_s > length:
            best, length = span, span.end_s - span.start_s
    return best


def interruptions(turns: Sequence[MergedTurn], language: str) -> tuple[Interruption, ...]:
    """Every merged turn that begins while the other is talking, however short, in time.

    Who was cut in on and only goes on with the sentence within 1.5 s has not interrupted.
    """
    out = []
    until = -inf
    for i, turn in enumerate(turns):
        alone = turn.start_s >= until
        until = max(until, turn.end_s)
        if alone:
            continue
        j = _going_on(turns, i)
        if j is None or _resumes(turns, i, j):
            continue
        other = turns[j]
        out.append(
            Interruption(
                speaker=turn.speaker,
                start_s=turn.start_s,
                end_s=min(turn.end_s, other.end_s),
                turn=i,
                other=j,
                chars=chars_without_feedback(turn.text, language),
                gave_way=other.end_s <= turn.end_s,
            )
        )
    return tuple(out)


def _going_on(turns: Sequence[MergedTurn], i: int) -> int | None:
    """The other's turn that is going on where turn `i` starts."""
    turn = turns[i]
    for j in range(i - 1, -1, -1):
        if turns[j].speaker is not turn.speaker and turns[j].start_s < turn.start_s:
            return j if turns[j].end_s > turn.start_s else None
    return None


def _resumes(turns: Sequence[MergedTurn], i: int, other: int) -> bool:
    for j in range(i - 1, -1, -1):
        if turns[j].speaker is turns[i].speaker:
            former = turns[j]
            return (
                turns[i].start_s - former.end_s <= MERGE_GAP_S
                and former.start_s <= turns[other].start_s < former.end_s
            )
    return False


def answers(turns: Sequence[MergedTurn], pauses: Sequence[Span] = ()) -> tuple[Response, ...]:
    """Every change of speaker, in time; what is said wholly inside the other's turn is none.

    Nobody waits while the recorder is paused (`pauses`).
    """
    paused = union(pauses)
    out = []
    former: int | None = None
    for i, turn in enumerate(turns):
        j = _going_on(turns, i)
        if j is not None and turns[j].end_s > turn.end_s:
            continue
        if former is not None and turns[former].speaker is not turn.speaker:
            out.append(
                Response(
                    speaker=turn.speaker,
                    start_s=turn.start_s,
                    wait_s=_waited_s(turns[former].end_s, turn.start_s, paused),
                    turn=i,
                    other=former,
                )
            )
        former = i
    return tuple(out)


def _waited_s(from_s: float, until_s: float, paused: Sequence[Span]) -> float:
    if not paused or until_s <= from_s:
        return max(0.0, until_s - from_s)
    return length_s(subtract([(from_s, until_s)], paused))


def turn_at(starts: Sequence[float], time_s: float) -> int | None:
    """The index of the last of the sorted `starts` that is not after `time_s`."""
    i = bisect_right(starts, time_s) - 1
    return i if i >= 0 else None


def clock(time_s: float) -> str:
    """Seconds as a player shows them: 83.4 → 1:23, 3723 → 1:02:03. Cut, not rounded: the place
    where it begins."""
    whole = max(0, int(time_s))
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
