"""How fast somebody speaks: units a minute of the time in which they speak. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from qc_pipeline.call import Span, Speaker, Transcript, Turn
from qc_pipeline.scoring.evidence import timing

# A silence inside speech that is longer is a pause and no part of speaking time (250 ms:
# F. Goldman-Eisler, "Psycholinguistics", 1968).
PAUSE_S = 0.25


class SpeakingTime:
    """How long a speaker talked between two times; pauses longer than `PAUSE_S` are none.

    By the voice detector's regions where both parties were measured, else by the words' times (a
    turn without them speaks from its start to its end).
    """

    def __init__(self, transcript: Transcript, speaker: Speaker) -> None:
        if all(s in transcript.speech for s in Speaker):
            spans = timing.talk_spans(transcript, speaker)
        else:
            spans = _spoken_spans(transcript.turns, speaker)
        self._starts = [a for a, _ in spans]
        self._ends = [b for _, b in spans]
        self._sums = list(accumulate((b - a for a, b in spans), initial=0.0))

    def within(self, start_s: float, end_s: float) -> float:
        return max(0.0, self._until(end_s) - self._until(start_s))

    def of_turn(self, turn: Turn) -> float:
        """Speaking time of a turn; all of it where nothing of it was measured."""
        whole_s = max(0.0, turn.end_s - turn.start_s)
        return self.within(turn.start_s, turn.end_s) or whole_s

    def _until(self, time_s: float) -> float:
        i = bisect_right(self._starts, time_s)
        if i == 0:
            return 0.0
        return self._sums[i] - max(0.0, self._ends[i - 1] - time_s)


def _spoken_spans(turns: Sequence[Turn], speaker: Speaker) -> list[Span]:
    spans: list[Span] = []
    for turn in turns:
        if turn.speaker is not speaker:
            continue
        if not turn.words:
            spans.append((turn.start_s, max(turn.start_s, turn.end_s)))
            continue
        for word in turn.words:
            start_s, end_s = word.start_s, max(word.start_s, word.end_s)
            if spans and 0 <= start_s - spans[-1][1] <= PAUSE_S and start_s > turn.start_s:
                start_s = spans[-1][1]
            spans.append((start_s, end_s))
    return timing.union(spans)


def speech_rate(transcript: Transcript, speaker: Speaker) -> float | None:
    """Characters (zh) or words (en) a minute of the speaker's speaking time; None without any."""
    turns = [t for t in transcript.turns if t.speaker is speaker]
    speaking = SpeakingTime(transcript, speaker)
    spoken_s = sum(speaking.of_turn(t) for t in turns)
    if spoken_s <= 0:
        return None
    said = "\n".join([t.text for t in turns])
    return 60 * timing.units(said, transcript.language) / spoken_s
