"""What an operator sees of a call: all of it, or (inside `whenever`) a span."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Protocol

from qc_pipeline.call import Span, Speaker
from qc_pipeline.scoring.evidence.finding import ABSENT, Evidence
from qc_pipeline.scoring.evidence.opportunity import TOO_SHORT
from qc_pipeline.scoring.evidence.outcome import NOT, Outcome, Search, unknown
from qc_pipeline.scoring.evidence.prepared_call import (
    WHOLE,
    PreparedCall,
    Searched,
    Understood,
)
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, Party, Window, Words
from qc_pipeline.scoring.evidence.timing import clock

_SPEAKERS = {"any": None, **{s.value: s for s in Speaker}}


def _other_language(language: str) -> Outcome:
    return unknown(f"录音的语言是{language}", f"the call is in another language ({language})")


def _dead_channel(party: str) -> Outcome:
    who = PARTY_WORDS[party]
    return unknown(f"{who.zh}声道没有声音或缺失", f"the channel of {who.en} is dead or missing")


_NO_TIME = unknown(*TOO_SHORT)


def _not_heard(speaker: Speaker) -> Outcome:
    who = PARTY_WORDS[speaker]
    return unknown(f"{who.zh}的话没听清", f"{who.en} was not heard well enough")


def _not_understood(by: Party, start_s: float, end_s: float, heard: Understood) -> Outcome:
    """`unknown`, with what was not heard of the span that was searched."""
    who = PARTY_WORDS[by]
    a, b = clock(start_s), clock(end_s)
    share = heard.understood_s / heard.speech_s if heard.speech_s > 0 else 0.0
    zh = f"{a}–{b}{who.zh}的话没听清（听清{share:.0%}"
    en = f"{who.en} was not heard well enough between {a} and {b} ({share:.0%} understood"
    if heard.unheard_s >= 0.05:
        zh, en = (
            f"{zh}，{heard.unheard_s:.1f}秒没有文字",
            f"{en}, {heard.unheard_s:.1f} s without words",
        )
    return unknown(f"{zh}）", f"{en})")


class Evaluable(Protocol):
    """A condition, as far as a view of the call has to know it."""

    def evaluate(self, ctx: Context) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Context:
    """What an operator sees of a call.

    Hits count where they start in `scope` (closed, seconds). `favour`: finding what the condition
    asks is good for the agent (`expect`), so that 您 and 你 are one; a condition that speaks
    against the agent (`forbid`, `applies`, triggers) takes the words as they are. `grave`: of a red
    line or a major item, where what was hardly heard is held for a person. `no_time`: that
    something is not there says nothing, since the call gave no time for it.
    """

    call: PreparedCall
    scope: Span = WHOLE
    favour: bool = False
    every_hit: bool = True
    shown: bool = True
    grave: bool = False
    no_time: bool = False

    def favouring(self, favour: bool) -> Context:
        """The same view, for a condition that speaks for the agent or does not."""
        if favour is self.favour:
            return self
        return self._with(favour=favour, every_hit=True, shown=True)

    def briefly(self) -> Context:
        """The same view, where the first hits will do: nothing is counted, ordered or timed."""
        return self._with(every_hit=False, shown=True)

    def unshown(self) -> Context:
        """The same view, for a condition whose evidence no card shows (`applies`)."""
        return self._with(shown=False)

    def gravely(self) -> Context:
        """The same view, for a red line or a major item."""
        return self._with(grave=True)

    def without_time(self) -> Context:
        """The same view, where nothing rests on what there was no time for."""
        return self._with(no_time=True)

    def in_full(self) -> Context:
        """The same view, where every hit is wanted."""
        if self.every_hit:
            return self
        return self._with(every_hit=True, shown=True)

    def inside(self, start_s: float, end_s: float) -> Context:
        """The same call, narrowed to a span."""
        scope = (max(self.scope[0], start_s), min(self.scope[1], end_s))
        return self._with(scope=scope, shown=True)

    def _with(
        self,
        *,
        scope: Span | None = None,
        favour: bool | None = None,
        every_hit: bool | None = None,
        shown: bool | None = None,
        grave: bool | None = None,
        no_time: bool | None = None,
    ) -> Context:
        """The same view but for what is given; `dataclasses.replace` costs twice this."""
        return Context(
            self.call,
            self.scope if scope is None else scope,
            self.favour if favour is None else favour,
            self.every_hit if every_hit is None else every_hit,
            self.shown if shown is None else shown,
            self.grave if grave is None else grave,
            self.no_time if no_time is None else no_time,
        )

    @property
    def unbounded(self) -> bool:
        return self.scope is WHOLE

    @property
    def language(self) -> str:
        return self.call.language

    def outcome(self, condition: Evaluable) -> Outcome:
        """What becomes of a condition; one that the rubric asks more than once is judged once."""
        number = self.call.shared.get(id(condition))
        if number is None or self.scope is not WHOLE or self.no_time:
            return condition.evaluate(self)
        key = (number, self.favour, self.every_hit, self.shown, self.grave)
        outcome = self.call.outcomes.get(key)
        if outcome is None:
            outcome = self.call.outcomes[key] = condition.evaluate(self)
        return outcome

    def live(self, by: Party) -> tuple[Speaker, ...]:
        """The parties that `by` names and whose channel carries something."""
        return self.call.live[by]

    def cannot_hear(self, by: Party, *, words: bool = True) -> Outcome | None:
        """`unknown` where nothing can be said about `by` (with `words`: about their words)."""
        call = self.call
        if words and call.other_language:
            return _other_language(call.transcript.language)
        if not call.live[by]:
            return _dead_channel(by)
        return None

    def cannot_tell_apart(self, *, words: bool) -> Outcome | None:
        """`unknown` where both parties must be heard and one is not."""
        blocked = self.cannot_hear("agent", words=words)
        return self.cannot_hear("customer", words=words) if blocked is None else blocked

    def not_heard(self, by: Party) -> Outcome | None:
        """`unknown` where too little of a party that `by` names was heard for its silence to
        prove anything, or there was no time to speak.
        """
        if self.no_time:
            return _NO_TIME
        for speaker in self.call.live[by]:
            if speaker in self.call.not_judged:
                return _not_heard(speaker)
        return None

    def or_unknown(self, by: Party, outcome: Outcome) -> Outcome:
        """`outcome`, which is unknown where one of the parties looked for could not be heard."""
        if by == "any" and self.call.dead:
            return _dead_channel("agent" if Speaker.AGENT in self.call.dead else "customer")
        return self.not_heard(by) or outcome

    def span(self, speaker: Speaker, window: Window | None) -> Span:
        """Where a hit of `speaker` may start."""
        if window is None:
            return self.scope
        # An id is a window's own as long as the rubric lives.
        key = (speaker, id(window))
        span = self.call.windows.get(key)
        if span is None:
            span = self.call.windows[key] = self._window(speaker, window)
        if self.scope is WHOLE:
            return span
        return max(span[0], self.scope[0]), min(span[1], self.scope[1])

    def _window(self, speaker: Speaker, window: Window) -> Span:
        call = self.call
        if window.first_seconds is not None:
            return -inf, call.agent_first_s + window.first_seconds
        if window.last_seconds is not None:
            return call.last_s - window.last_seconds, inf
        if window.between is not None:
            return window.between
        if window.percent is not None:
            length = call.last_s - call.first_s
            low, high = window.percent
            return (
                call.first_s + length * low / 100 if low > 0 else -inf,
                call.first_s + length * high / 100 if high < 100 else inf,
            )
        own = call.turns_of[speaker]
        if window.first_turns is not None:
            chosen = own[: window.first_turns]
            return -inf, call.turns[chosen[-1]].end_s if chosen else inf
        chosen = own[-(window.last_turns or 1) :]
        return call.turns[chosen[0]].start_s if chosen else -inf, inf

    def turns(self, speakers: tuple[Speaker, ...], window: Window | None = None) -> Sequence[int]:
        """Merged turns of the speakers that reach into their windows, in time."""
        if self.scope is not WHOLE:
            return self._turns(speakers, window)
        key = (speakers, id(window))
        known = self.call.turns_in.get(key)
        if known is None:
            known = self.call.turns_in[key] = self._turns(speakers, window)
        return known

    def _turns(self, speakers: tuple[Speaker, ...], window: Window | None) -> list[int]:
        out = []
        for speaker in speakers:
            start, end = self.span(speaker, window)
            for i in self.call.turns_of[speaker]:
                turn = self.call.turns[i]
                if turn.start_s <= end and turn.end_s >= start:
                    out.append(i)
        return sorted(out)

    def starts_inside(self, turn: int) -> bool:
        return self.scope[0] <= self.call.turns[turn].start_s <= self.scope[1]

    def sure_said(self, certainty: float) -> bool:
        return certainty >= self.call.thresholds.said

    def sure_not_said(self, certainty: float) -> bool:
        return certainty >= self.call.thresholds.not_said

    def absent(
        self,
        by: Party,
        window: Window | None,
        what: Callable[[], Words],
        almost: tuple[Evidence, ...] = (),
    ) -> Outcome:
        """Nothing of `by` was found in the window: not, with the span that was searched; unknown
        where `by` was not heard well enough to be judged or for a pass to rest on it, or there was
        no time.
        """
        blocked = self.not_heard(by)
        if blocked is not None:
            return blocked
        if not self.favour:
            # That nothing was found speaks for the agent here: it must have been heard.
            unheard = self._unheard(by, window)
            if unheard is not None:
                return unheard
        start, end, certainty, sure, cut_in = self._searched(by, window)
        search = Search(
            party=by,
            start_s=start,
            end_s=end,
            certainty=certainty,
            what=what,
            almost=almost,
            cut_in=cut_in,
        )
        return Outcome(state=NOT, certainty=certainty, sure=sure and not almost, searched=(search,))

    def _searched(self, by: Party, window: Window | None) -> Searched:
        call = self.call
        if self.scope is not WHOLE:
            return self._search(by, window)
        key = (by, id(window))
        searched = call.searches.get(key)
        if searched is None:
            searched = call.searches[key] = self._search(by, window)
        return searched

    def _search(self, by: Party, window: Window | None) -> Searched:
        call = self.call
        speakers = call.live[by]
        spans = [self.span(s, window) for s in speakers]
        start = max(min([a for a, _ in spans], default=0.0), min(0.0, call.first_s))
        end = min(max([b for _, b in spans], default=0.0), self.end_s)
        end = max(start, end)
        certainty = call.heard(speakers, start, end)
        cut_in = window is not None and window.opening and call.begins_mid_speech
        sure = self.sure_not_said(certainty) and not cut_in
        return Searched(start, end, certainty, sure, cut_in)

    def _unheard(self, by: Party, window: Window | None) -> Outcome | None:
        """`unknown` where too little of a span that was searched was heard."""
        if self.scope is not WHOLE:
            return self._look_for_unheard(by, window)
        known, key = self.call.unheard_in, (by, id(window))
        if key not in known:
            known[key] = self._look_for_unheard(by, window)
        return known[key]

    def _look_for_unheard(self, by: Party, window: Window | None) -> Outcome | None:
        call = self.call
        speakers = call.live[by]
        if all([call.all_understood[speaker] for speaker in speakers]):
            return None
        searched = self._searched(by, window)
        heard = call.understood(speakers, searched.start_s, searched.end_s)
        if heard is None or heard.enough(call.thresholds.heard):
            return None
        return _not_understood(by, searched.start_s, searched.end_s, heard)

    def unheard_absence(self, by: Party, window: Window | None = None) -> Outcome | None:
        """`unknown` where too little of `by` was heard for a pass to rest on what was not found."""
        blocked = self.not_heard(by)
        return blocked if blocked is not None else self._unheard(by, window)

    @property
    def end_s(self) -> float:
        return max(self.call.transcript.length_s, self.call.last_s)

    def absence(self, search: Search) -> tuple[Evidence, ...]:
        """The evidence that something was not said: the span, and what was said in it."""
        said = self.call.said_between(search.party, search.start_s, search.end_s)
        return (
            Evidence(
                kind=ABSENT,
                start_s=search.start_s,
                end_s=search.end_s,
                speaker=_SPEAKERS[search.party],
                quote=said,
                certainty=search.certainty,
            ),
            *search.almost,
        )
