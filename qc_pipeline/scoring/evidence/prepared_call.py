"""A call prepared once for all conditions of a rubric.

`PreparedCall` holds what was said and when, works out the rest when first asked, and is never
changed by an operator. Where in the rubric language the definitions stand: RUBRIC.md, "Conditions"
and "Matching".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import inf
from types import MappingProxyType
from typing import NamedTuple

from qc_pipeline.call import (
    FieldValue,
    Measures,
    Recording,
    Span,
    Speaker,
    Transcript,
    Turn,
    Word,
)
from qc_pipeline.scoring.evidence import timing
from qc_pipeline.scoring.evidence.clauses import SpokenClause, spoken_clauses
from qc_pipeline.scoring.evidence.coverage import uncovered, words_of
from qc_pipeline.scoring.evidence.found_phrases import FoundPhrases
from qc_pipeline.scoring.evidence.gapped_places import GappedPlaces
from qc_pipeline.scoring.evidence.hearing import DOUBTFUL_BELOW
from qc_pipeline.scoring.evidence.nearest_sentence import FoldedTurns
from qc_pipeline.scoring.evidence.outcome import Hit, Outcome, WantedSet
from qc_pipeline.scoring.evidence.phrase_lexicon import Lexicon
from qc_pipeline.scoring.evidence.regex_text import PrintedTurns
from qc_pipeline.scoring.evidence.spoken_numbers import SpokenRun, spoken_runs
from qc_pipeline.scoring.evidence.spoken_places import SpokenPlaces
from qc_pipeline.scoring.evidence.spoken_spans import SpokenSpans, WordSeconds
from qc_pipeline.scoring.evidence.terms import Party
from qc_pipeline.text.normalise import Normalised
from qc_pipeline.text.number_roles import named_as_own
from qc_pipeline.text.phrases import PhraseHit
from qc_pipeline.text.similar import sound_with_origin
from qc_pipeline.text.time_limits import TimeLimit, find_time_limits

ASSUMED_CONFIDENCE = 0.7
LEAST_UNHEARD_S, UNHEARD_SHARE = 1.5, 0.05
"""More speech of a span without words than the greater of both, and nothing rests on its silence.
"""
UNDERSTOOD = 0.5
"""Words less sure than this were not understood: nothing is known to be missing among them."""
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
_AGENT, _CUSTOMER = _PARTIES = tuple(Speaker)


def _live(dead: frozenset[Speaker]) -> Mapping[str, tuple[Speaker, ...]]:
    """By what a condition names: the parties whose channel carries something."""
    live = tuple([s for s in _PARTIES if s not in dead])
    return {"any": live, **{s.value: tuple([x for x in live if x is s]) for s in _PARTIES}}


_LIVE = {
    dead: _live(dead)
    for dead in (frozenset(), frozenset({_AGENT}), frozenset({_CUSTOMER}), frozenset(_PARTIES))
}


class Searched(NamedTuple):
    """A span that was searched in vain, and how sure it is that nothing was said there."""

    start_s: float
    end_s: float
    certainty: float
    sure: bool
    cut_in: bool


class Understood(NamedTuple):
    """Seconds of speech in a span, those with words that were understood, those without any."""

    speech_s: float
    understood_s: float
    unheard_s: float

    def enough(self, least: float) -> bool:
        """Whether what was not found in the span can be said not to have been there."""
        if self.unheard_s > max(LEAST_UNHEARD_S, UNHEARD_SHARE * self.speech_s):
            return False
        return self.speech_s <= 0 or self.understood_s >= least * self.speech_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """`review_below`: a finding less certain than `said` or `not_said` is held for a person; that
    something was not found proves nothing where less than `heard` of the speech was understood.
    """

    said: float = 0.6
    not_said: float = 0.8
    heard: float = 0.75


class PreparedCall(SpokenPlaces):
    """One transcript with its call row and measures, for one rubric's phrases.

    `shared` numbers, by their ids, the conditions that the rubric asks more than once. Of the
    parties in `not_judged` too little was heard for anything to rest on what they did not say.
    What is searched in many calls at once is put in by `prepare_batch.prepare`: `found`, where the
    phrases of the lexicon stand; `gapped`, where its short phrases stand but for one doubtful
    syllable; `printed`, the merged turns as `matches` searches them.
    """

    found: FoundPhrases
    gapped: GappedPlaces
    printed: PrintedTurns

    def __init__(
        self,
        transcript: Transcript,
        call: Mapping[str, FieldValue] | Recording,
        measures: Measures | None,
        lexicon: Lexicon,
        thresholds: Thresholds,
        assumed_confidence: float = ASSUMED_CONFIDENCE,
        shared: Mapping[int, int] = MappingProxyType({}),
        not_judged: Collection[Speaker] = (),
        doubtful_below: float = DOUBTFUL_BELOW,
        own_numbers: Collection[str] = (),
    ) -> None:
        super().__init__(transcript, assumed_confidence)
        self.call = call
        self.measures = measures
        self.lexicon = lexicon
        self.thresholds = thresholds
        self.language = lexicon.language
        self.shared = shared
        self.not_judged = frozenset(not_judged)
        self.doubtful_below = doubtful_below
        self._own_numbers = frozenset(own_numbers)
        self.outcomes: dict[tuple[int, bool, bool, bool, bool], Outcome] = {}
        # By what a view favours and whether it is grave, then by place.
        self.hits: defaultdict[tuple[bool, bool], dict[PhraseHit, Hit]] = defaultdict(dict)
        self.earned: defaultdict[tuple[bool, bool], dict[PhraseHit, int]] = defaultdict(dict)
        self.windows: dict[tuple[Speaker, int], Span] = {}
        self.turns_in: dict[tuple[tuple[Speaker, ...], int], Sequence[int]] = {}
        self.searches: dict[tuple[str, int], Searched] = {}
        self.unheard_in: dict[tuple[str, int], Outcome | None] = {}
        self._limits: dict[int, tuple[TimeLimit, ...]] = {}
        self._places_of: dict[tuple[int, bool], list[PhraseHit]] = {}
        self._feedback: dict[int, bool] = {}
        self._silences: dict[Party, list[timing.SilentSpan]] = {}
        self._heard: dict[tuple[tuple[Speaker, ...], float, float], float] = {}
        agent: list[int] = []
        customer: list[int] = []
        for i, turn in enumerate(self.turns):
            (agent if turn.speaker is _AGENT else customer).append(i)
        self.turns_of: Mapping[Speaker, Sequence[int]] = {_AGENT: agent, _CUSTOMER: customer}
        channels = transcript.channels
        self.dead = frozenset([s for s in _PARTIES if channels.get(s, "ok") in _DEAD])
        self.live: Mapping[str, tuple[Speaker, ...]] = _LIVE[self.dead]
        heard = transcript.language.lower().replace("_", "-").split("-")[0]
        self.other_language = heard not in ("", "und", self.language)

    @cached_property
    def starts(self) -> tuple[float, ...]:
        return tuple([t.start_s for t in self.turns])

    def feedback(self, turn: int) -> bool:
        """Whether a merged turn holds nothing but feedback words."""
        answer = self._feedback.get(turn)
        if answer is None:
            answer = timing.is_feedback(self.turns[turn].text, self.language)
            self._feedback[turn] = answer
        return answer

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
    def folded_turns(self) -> FoldedTurns:
        return FoldedTurns(self.turns)

    @cached_property
    def clauses(self) -> tuple[tuple[SpokenClause, ...], ...]:
        """The clauses of each merged turn."""
        return tuple(spoken_clauses(i, t, self.language) for i, t in enumerate(self.turns))

    def places(self, wanted: WantedSet, *, favour: bool) -> list[PhraseHit]:
        """Where the phrases of a list stand, phrase by phrase; `favour` takes 您 and 你 for one."""
        key = (id(wanted), favour)
        places = self._places_of.get(key)
        if places is None:
            places = self.lexicon.places(wanted, self.found, favour=favour)
            self._places_of[key] = places
        return places

    @cached_property
    def own_numbers(self) -> frozenset[str]:
        """Digits of the lines that the call may have come in by: the centre's, and what the agent
        named as such.
        """
        agents = [self.turns[i].text for i in self.turns_of[_AGENT]]
        return self._own_numbers | named_as_own(agents, self.lexicon.hotlines)

    def doubted(self, turn: int, start: int, end: int) -> bool:
        """Whether the recogniser was not sure of some characters of a merged turn."""
        confidence = self.least_confidence(turn, start, end)
        return confidence is not None and confidence < self.doubtful_below

    def least_confidence(self, turn: int, start: int, end: int) -> float | None:
        """The least confidence of the words of some characters; None where none is known."""
        said = self.characters(turn, start, end)
        known = [c.confidence for c in said if c is not None and c.confidence is not None]
        return min(known, default=None)

    def longest_pause_s(self, turn: int, start: int, end: int) -> float:
        """The longest pause between the words of some characters of a merged turn."""
        longest_s, before_s = 0.0, None
        for one in self.characters(turn, start, end):
            if one is None:
                continue
            if before_s is not None and one.start_s - before_s > longest_s:
                longest_s = one.start_s - before_s
            before_s = one.end_s if before_s is None else max(before_s, one.end_s)
        return longest_s

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
    def answers(self) -> tuple[timing.Response, ...]:
        return timing.answers(self.turns, self.transcript.pauses)

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
        """Speech that nobody put into words, and parts of the recording that nobody could read."""
        raw, speech = self.transcript.turns, self.transcript.speech
        found = {
            s: _unheard([(t.start_s, t.end_s) for t in raw if t.speaker is s], speech.get(s, ()))
            for s in _PARTIES
        }
        for speaker, told in (self.transcript.unheard or {}).items():
            if told:
                spans = [(u.start_s, u.end_s) for u in told]
                found[speaker] = timing.union([*found[speaker], *spans])
        return found

    def turns_before(self, time_s: float) -> tuple[int, ...]:
        """The last merged turn of each party that starts before `time_s`."""
        out = []
        for own in self.turns_of.values():
            i = bisect_right(own, time_s, key=lambda t: self.turns[t].start_s) - 1
            if i >= 0:
                out.append(own[i])
        return tuple(sorted(out))

    def field(self, name: str) -> FieldValue | None:
        """A field of the call list, None where it is missing.

        A call is as long as its talk, whatever a recorder wrote of nothing after it.
        """
        value = self.call.get(name)
        if name == "duration_s" and self.transcript.pauses and type(value) in (int, float):
            return min(float(value), self.transcript.length_s)  # type: ignore[arg-type]
        return value

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

    def heard(self, speakers: tuple[Speaker, ...], start_s: float, end_s: float) -> float:
        """Certainty that something not found in a span was not said there (RUBRIC, "Certainty").

        The confidence of the speakers' speech in the span, weighted by time; speech with no text
        counts 0; 1 where there is no speech. A span up to the last word goes on over an end of the
        recording that is not there: what was not said in it may have been said then.
        """
        key = (speakers, start_s, end_s)
        certainty = self._heard.get(key)
        if certainty is None:
            until_s = inf if end_s >= self.last_s else end_s
            total = weighted = 0.0
            for speaker in speakers:
                total, weighted = self._speech[speaker].add(start_s, end_s, total, weighted)
                unheard = self.unheard[speaker]
                if unheard:
                    total += timing.length_s(timing.clip(unheard, start_s, until_s))
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

    def understood(
        self, speakers: tuple[Speaker, ...], start_s: float, end_s: float
    ) -> Understood | None:
        """How much of the speakers' speech in a span was understood; None where it is not known
        what was not heard (docs/trust.md, "A pass must have been heard").
        """
        speech_s = understood_s = unheard_s = 0.0
        for speaker in speakers:
            if not self._hearing_known(speaker):
                return None
            said, good = self._worded[speaker].between(start_s, end_s)
            missed = timing.length_s(timing.clip(self.without_words[speaker], start_s, end_s))
            speech_s += said + missed
            understood_s += good
            unheard_s += missed
        return Understood(speech_s, understood_s, unheard_s)

    def _hearing_known(self, speaker: Speaker) -> bool:
        transcript = self.transcript
        return transcript.unheard is not None or bool(transcript.speech.get(speaker))

    @cached_property
    def without_words(self) -> Mapping[Speaker, list[Span]]:
        """By party: the speech that has no words, as the transcript tells it or, where it does not,
        as its own regions of speech and words say.
        """
        transcript = self.transcript
        found: dict[Speaker, list[Span]] = {}
        for speaker in _PARTIES:
            if transcript.unheard is not None:
                told = transcript.unheard.get(speaker, ())
                found[speaker] = timing.union([(u.start_s, u.end_s) for u in told])
            else:
                words = words_of(transcript.turns, speaker)
                found[speaker] = uncovered(transcript.speech.get(speaker, ()), words)
        return found

    @cached_property
    def all_understood(self) -> Mapping[Speaker, bool]:
        """By party: whether all of their speech has words and every word was understood, so that
        no span of it need be measured.
        """
        return {s: not self.without_words[s] and all(self._good[s]) for s in _PARTIES}

    @cached_property
    def _good(self) -> Mapping[Speaker, list[bool]]:
        """By party: of every word (of a turn without words: of the turn) whether it was
        understood.
        """
        good: dict[Speaker, list[bool]] = {s: [] for s in _PARTIES}
        for turn in self.transcript.turns:
            good[turn.speaker] += [
                (c := word.confidence) is None or c >= UNDERSTOOD for word in turn.words or (turn,)
            ]
        return good

    @cached_property
    def _worded(self) -> Mapping[Speaker, WordSeconds]:
        """By party: when words were said, and whether they were understood."""
        spoken: dict[Speaker, list[Word | Turn]] = {s: [] for s in _PARTIES}
        for turn in self.transcript.turns:
            spoken[turn.speaker] += turn.words or (turn,)
        return {
            speaker: WordSeconds(
                [w.start_s for w in words], [w.end_s for w in words], self._good[speaker]
            )
            for speaker, words in spoken.items()
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


def _unheard(words: Sequence[Span], speech: Sequence[Span]) -> list[Span]:
    """What of the spans of speech is not covered by the spans of words, but for edges."""
    at, last = 0, len(words)
    for start, end in speech:
        while at < last and words[at][1] + EDGE_S < end:
            at += 1
        if at == last or words[at][0] - EDGE_S > start:
            break
    else:
        # The common case: every region lies in one turn.
        return []
    covered = timing.union([(a - EDGE_S, b + EDGE_S) for a, b in words])
    rest = timing.subtract(timing.union(speech), covered)
    return [(a, b) for a, b in rest if b - a >= UNHEARD_MIN_S]
