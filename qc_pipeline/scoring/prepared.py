"""A call prepared once for all conditions of a rubric.

`PreparedCall` holds what was said and when, works out the rest when first asked, and is never
changed by an operator. Where in the rubric language the definitions stand: RUBRIC.md, "Conditions"
and "Matching".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import accumulate
from math import inf
from types import MappingProxyType
from typing import NamedTuple

from qc_pipeline.call import FieldValue, Measures, Recording, Span, Speaker, Transcript
from qc_pipeline.scoring import timing
from qc_pipeline.scoring.clauses import SpokenClause, spoken_clauses
from qc_pipeline.scoring.lexicon import FoundPhrases, Lexicon
from qc_pipeline.scoring.printed import PrintedCall
from qc_pipeline.scoring.rules.base import Hit, Outcome, Party, WantedSet
from qc_pipeline.scoring.spoken_numbers import SpokenRun, spoken_runs
from qc_pipeline.scoring.spoken_spans import SpokenSpans
from qc_pipeline.text.certainty import geometric_mean
from qc_pipeline.text.normal import Normalised
from qc_pipeline.text.phrases import PhraseHit
from qc_pipeline.text.similar import alike, sound_with_origin
from qc_pipeline.text.time_limits import TimeLimit, find_time_limits

ASSUMED_CONFIDENCE = 0.7
# A region of the voice detector is longer than its words by some tenths; what sticks out less
# than this beyond the text is the edge of a heard word and no unheard speech.
UNHEARD_MIN_S = 0.5
EDGE_S = 0.25
# A recording cut into running speech begins with it; a silence this short is no pause.
MID_SPEECH_S = 0.05
QUOTE_CHARS = 60
# No time limit is named in Chinese without one of these: a cheap look before the text is read.
_TIME = re.compile("[天日号號周週期拜时時点點钟鐘月年晚早午晨夜秒分底末:]")
WHOLE: Span = (-inf, inf)
_DEAD = ("dead", "missing")


class Place(NamedTuple):
    """Where characters of a merged turn were said; `turn` indexes `Transcript.turns`."""

    start_s: float
    end_s: float
    turn: int
    confidence: float
    quote: str


class Searched(NamedTuple):
    """A span that was searched in vain, and how sure it is that nothing was said there."""

    start_s: float
    end_s: float
    certainty: float
    sure: bool
    cut_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """`review_below`: a finding less certain than this is held for a person."""

    said: float = 0.6
    not_said: float = 0.8


class PreparedCall:
    """One transcript with its call row and measures, for one rubric's phrases.

    `shared` numbers, by their ids, the conditions that the rubric asks more than once.
    """

    def __init__(
        self,
        transcript: Transcript,
        call: Mapping[str, FieldValue] | Recording,
        measures: Measures | None,
        lexicon: Lexicon,
        thresholds: Thresholds,
        assumed_confidence: float = ASSUMED_CONFIDENCE,
        shared: Mapping[int, int] = MappingProxyType({}),
    ) -> None:
        self.transcript = transcript
        self.call = call
        self.measures = measures
        self.lexicon = lexicon
        self.thresholds = thresholds
        self.assumed_confidence = assumed_confidence
        self.language = lexicon.language
        self.shared = shared
        self.outcomes: dict[tuple[int, bool, bool, bool], Outcome] = {}
        self._words: dict[int, tuple[Sequence[int], bool]] = {}
        self._limits: dict[int, tuple[TimeLimit, ...]] = {}
        self.hits: dict[PhraseHit, Hit] = {}
        self.windows: dict[tuple[Speaker, int], Span] = {}
        self.searches: dict[tuple[str, int], Searched] = {}
        self._places_of: dict[tuple[int, bool], list[PhraseHit]] = {}
        self._feedback: dict[int, bool] = {}
        self._silences: dict[Party, list[timing.SilentSpan]] = {}
        self._heard: dict[tuple[tuple[Speaker, ...], float, float], float] = {}

    @cached_property
    def turns(self) -> tuple[timing.MergedTurn, ...]:
        return timing.merge_turns(self.transcript.turns)

    @cached_property
    def starts(self) -> tuple[float, ...]:
        return tuple(t.start_s for t in self.turns)

    @cached_property
    def turns_of(self) -> Mapping[Speaker, tuple[int, ...]]:
        return {s: tuple([i for i, t in enumerate(self.turns) if t.speaker is s]) for s in Speaker}

    def feedback(self, turn: int) -> bool:
        """Whether a merged turn holds nothing but feedback words."""
        answer = self._feedback.get(turn)
        if answer is None:
            answer = timing.is_feedback(self.turns[turn].text, self.language)
            self._feedback[turn] = answer
        return answer

    @cached_property
    def printed(self) -> PrintedCall:
        """The merged turns as `matches` searches them."""
        return PrintedCall([t.text for t in self.turns], self.language)

    @cached_property
    def runs(self) -> Mapping[Speaker, tuple[SpokenRun, ...]]:
        """Every run of digits that each party said, in time."""
        return spoken_runs(self.turns, self.feedback, self.language)

    def time_limits(self, turn: int) -> tuple[TimeLimit, ...]:
        """The time limits named in a merged turn."""
        found = self._limits.get(turn)
        if found is None:
            text = self.turns[turn].text
            found = ()
            if self.language == "en" or _TIME.search(text):
                found = find_time_limits(text, self.language, self.start_time)
            self._limits[turn] = found
        return found

    @cached_property
    def sounds(self) -> tuple[tuple[tuple[str, ...], Normalised], ...]:
        """The merged turns by syllable (word), and where each stands in the text."""
        return tuple(sound_with_origin(t.text, self.language) for t in self.turns)

    @cached_property
    def alike(self) -> tuple[str, list[int]]:
        """The merged turns, a line each, in which what sounds alike is the same; and where each
        turn begins. Characters stand at their own places.
        """
        lines = [t.text.replace("\n", " ") for t in self.turns]
        starts = list(accumulate([len(line) + 1 for line in lines], initial=0))
        return alike("\n".join(lines)), starts[: len(lines)]

    @cached_property
    def clauses(self) -> tuple[tuple[SpokenClause, ...], ...]:
        """The clauses of each merged turn."""
        return tuple(spoken_clauses(i, t, self.language) for i, t in enumerate(self.turns))

    @cached_property
    def found(self) -> FoundPhrases:
        return self.lexicon.find([t.text for t in self.turns])

    def places(self, wanted: WantedSet, *, favour: bool) -> list[PhraseHit]:
        """Where the phrases of a list stand, phrase by phrase; `favour` takes 您 and 你 for one."""
        key = (id(wanted), favour)
        places = self._places_of.get(key)
        if places is None:
            places = self.lexicon.places(wanted, self.found, favour=favour)
            self._places_of[key] = places
        return places

    @cached_property
    def silences(self) -> tuple[timing.SilentSpan, ...]:
        return timing.silences(self.transcript)

    def silences_after(self, party: Party) -> list[timing.SilentSpan]:
        """The silences before which a party spoke last, in time."""
        found = self._silences.get(party)
        if found is None:
            found = [s for s in self.silences if party in ("any", s.after)]
            self._silences[party] = found
        return found

    @cached_property
    def interruptions(self) -> tuple[timing.Interruption, ...]:
        return timing.interruptions(self.turns, self.language)

    @cached_property
    def answers(self) -> tuple[timing.Answer, ...]:
        return timing.answers(self.turns)

    @cached_property
    def other_language(self) -> bool:
        heard = self.transcript.language.lower().replace("_", "-").split("-")[0]
        return heard not in ("", "und", self.language)

    @cached_property
    def dead(self) -> frozenset[Speaker]:
        channels = self.transcript.channels
        return frozenset(s for s in Speaker if channels.get(s, "ok") in _DEAD)

    @cached_property
    def live(self) -> Mapping[str, tuple[Speaker, ...]]:
        """By what a condition names: the parties whose channel carries something."""
        live = tuple(s for s in Speaker if s not in self.dead)
        return {"any": live, **{s.value: tuple(x for x in live if x is s) for s in Speaker}}

    @cached_property
    def one_channel(self) -> bool:
        """Whether the parties were not recorded apart."""
        return any(v in ("mono", "missing") for v in self.transcript.channels.values())

    @cached_property
    def begins_mid_speech(self) -> bool:
        return any(
            spans[0][0] <= MID_SPEECH_S < spans[0][1]
            for spans in self.transcript.speech.values()
            if spans
        )

    @cached_property
    def first_s(self) -> float:
        """The start of the first word of the call."""
        return self.turns[0].start_s if self.turns else 0.0

    @cached_property
    def last_s(self) -> float:
        """The end of the last word of the call."""
        return max([t.end_s for t in self.turns], default=self.transcript.duration_s)

    @cached_property
    def agent_first_s(self) -> float:
        own = self.turns_of[Speaker.AGENT]
        return self.turns[own[0]].start_s if own else self.first_s

    @cached_property
    def unheard(self) -> Mapping[Speaker, list[Span]]:
        """Speech that the voice detector heard and nobody put into words."""
        out = {}
        for speaker in Speaker:
            words = timing.union(
                (t.start_s - EDGE_S, t.end_s + EDGE_S)
                for t in self.transcript.turns
                if t.speaker is speaker
            )
            spoken = timing.union(self.transcript.speech.get(speaker, ()))
            rest = timing.subtract(spoken, words)
            out[speaker] = [(a, b) for a, b in rest if b - a >= UNHEARD_MIN_S]
        return out

    def turns_before(self, time_s: float) -> tuple[int, ...]:
        """The last merged turn of each party that starts before `time_s`."""
        out = []
        for own in self.turns_of.values():
            i = bisect_right(own, time_s, key=lambda t: self.turns[t].start_s) - 1
            if i >= 0:
                out.append(own[i])
        return tuple(sorted(out))

    def starts_in(self, turn: int, start: int, span: Span) -> bool:
        """Whether a character of a merged turn was said in a span."""
        merged = self.turns[turn]
        if merged.end_s < span[0] or merged.start_s > span[1]:
            return False
        if merged.start_s >= span[0] and merged.end_s <= span[1]:
            return True
        return span[0] <= self.start_of(turn, start) <= span[1]

    def start_of(self, turn: int, start: int) -> float:
        """When a character of a merged turn was said."""
        merged = self.turns[turn]
        part = self._part(merged, start)
        return self._span(merged.parts[part], start - merged.offsets[part], 0, None)[0]

    def field(self, name: str) -> FieldValue | None:
        """A field of the call list, None where it is missing."""
        return self.call.get(name)

    @cached_property
    def start_time(self) -> datetime | None:
        """When the call began, None where the call list does not say."""
        if isinstance(self.call, Recording):
            return self.call.start_time
        start = self.call.get("start_time")
        try:
            return None if start is None else datetime.fromisoformat(str(start))
        except ValueError:
            return None

    def confidence(self, turn: int) -> float:
        """How sure the recogniser was of a turn of the transcript."""
        return self._turn_confidence[turn]

    @cached_property
    def _turn_confidence(self) -> tuple[float, ...]:
        return tuple(
            t.confidence if t.confidence is not None else self._mean(t.words)
            for t in self.transcript.turns
        )

    def _mean(self, words: Sequence[object]) -> float:
        total = weighted = 0.0
        for word in words:
            length = max(word.end_s - word.start_s, 0.01)  # type: ignore[attr-defined]
            confidence = word.confidence  # type: ignore[attr-defined]
            total += length
            weighted += length * (self.assumed_confidence if confidence is None else confidence)
        return weighted / total if total > 0 else self.assumed_confidence

    def heard(self, speakers: tuple[Speaker, ...], start_s: float, end_s: float) -> float:
        """Certainty that something not found in a span was not said there (RUBRIC, "Certainty").

        The confidence of the speakers' speech in the span, weighted by time; speech with no text
        counts 0; 1 where there is no speech.
        """
        key = (speakers, start_s, end_s)
        certainty = self._heard.get(key)
        if certainty is None:
            total = weighted = 0.0
            for speaker in speakers:
                total, weighted = self._speech[speaker].add(start_s, end_s, total, weighted)
                unheard = self.unheard[speaker]
                if unheard:
                    total += timing.length_s(timing.clip(unheard, start_s, end_s))
            certainty = self._heard[key] = weighted / total if total > 0 else 1.0
        return certainty

    @cached_property
    def _speech(self) -> Mapping[Speaker, SpokenSpans]:
        turns = self.transcript.turns
        confidence = self._turn_confidence
        return {
            s: SpokenSpans(
                (t.start_s, t.end_s, confidence[i]) for i, t in enumerate(turns) if t.speaker is s
            )
            for s in Speaker
        }

    def said_between(self, party: Party, start_s: float, end_s: float) -> str:
        """What a party said in a span, cut after so many characters."""
        said = ""
        for turn in self.transcript.turns:
            if (
                party in ("any", turn.speaker)
                and turn.start_s <= end_s
                and turn.end_s >= start_s
                and turn.text
            ):
                said = f"{said} {turn.text}" if said else turn.text
                if len(said) > QUOTE_CHARS:
                    return f"{said[: QUOTE_CHARS - 1]}…"
        return said

    def place(self, turn: int, start: int, end: int) -> Place:
        """Characters `start` to `end` of merged turn `turn`: when, how surely, and the words."""
        merged = self.turns[turn]
        if len(merged.parts) == 1:
            raw = merged.parts[0]
            offsets, aligned = self._offsets(raw)
            if aligned and isinstance(offsets, range) and 0 <= start < end <= len(offsets):
                # A word a character, the common case of Chinese: no looking for places.
                words = self.transcript.turns[raw].words[start:end]
                known = [w.confidence for w in words]
                if None in known:
                    assumed = self.assumed_confidence
                    known = [assumed if c is None else c for c in known]
                first_s, last_s = words[0].start_s, words[-1].end_s
                return Place(
                    first_s,
                    last_s if last_s > first_s else first_s,
                    raw,
                    geometric_mean(known),  # type: ignore[arg-type]
                    merged.text[start:end].strip(),
                )
        first = self._part(merged, start)
        last = self._part(merged, max(start, end - 1))
        quote = merged.text[start:end].strip()
        confidences: list[float] = []
        times: list[Span] = []
        for part in range(first, last + 1):
            at = merged.offsets[part]
            raw = merged.parts[part]
            length = len(self.transcript.turns[raw].text)
            times.append(self._span(raw, max(0, start - at), min(length, end - at), confidences))
        return Place(
            start_s=times[0][0],
            end_s=max(times[0][0], times[-1][1]),
            turn=merged.parts[first],
            confidence=geometric_mean(confidences),
            quote=quote,
        )

    @staticmethod
    def _part(merged: timing.MergedTurn, at: int) -> int:
        return 0 if len(merged.offsets) == 1 else bisect_right(merged.offsets, at) - 1

    def _span(self, raw: int, start: int, end: int, confidences: list[float] | None) -> Span:
        """The time of characters of one turn; adds the confidences of their words to a list."""
        turn = self.transcript.turns[raw]
        offsets, aligned = self._offsets(raw)
        if aligned:
            a = max(0, bisect_right(offsets, start) - 1)
            b = max(a, bisect_right(offsets, max(start, end - 1)) - 1)
            words = turn.words[a : b + 1]
            if confidences is not None:
                confidences.extend(
                    self.assumed_confidence if w.confidence is None else w.confidence for w in words
                )
            return words[0].start_s, words[-1].end_s
        if confidences is not None:
            confidences.append(self._turn_confidence[raw])
        length = max(1, len(turn.text))
        spoken = max(0.0, turn.end_s - turn.start_s)
        return turn.start_s + spoken * start / length, turn.start_s + spoken * end / length

    def _offsets(self, raw: int) -> tuple[Sequence[int], bool]:
        """Where each word of a turn begins in its text; False where words and text differ."""
        known = self._words.get(raw)
        if known is not None:
            return known
        if raw not in self._words:
            turn = self.transcript.turns[raw]
            at, offsets = 0, []
            if len(turn.words) == len(turn.text) and [w.text for w in turn.words] == [*turn.text]:
                # A word a character: every character is where it is counted.
                self._words[raw] = (range(len(turn.text)), bool(turn.text))
                return self._words[raw]
            for word in turn.words:
                found = turn.text.find(word.text.strip(), at)
                if found < 0:
                    break
                offsets.append(found)
                at = found + len(word.text.strip())
            self._words[raw] = (offsets, bool(offsets) and len(offsets) == len(turn.words))
        return self._words[raw]


def find_together(calls: Sequence[PreparedCall]) -> None:
    """Look for the phrases of one rubric in many calls at once, before each is asked for its own.

    All calls are prepared for the same lexicon.
    """
    if calls:
        texts = [[t.text for t in call.turns] for call in calls]
        for call, found in zip(calls, calls[0].lexicon.find_in_many(texts), strict=True):
            call.__dict__["found"] = found
