"""`reads_back`: the speaker says a number, digit by digit, in order."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import model_validator

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence.outcome import NEVER_AROSE, Hit, Outcome, State, unknown
from qc_pipeline.scoring.evidence.spoken_numbers import SHORTEST, SpokenRun, masked
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, Party, Times, Window, Words, problem
from qc_pipeline.scoring.operators.number_hit import number_hit
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.phrase_hits import placed
from qc_pipeline.text.numbers import digits_only
from qc_pipeline.text.phonetic_index import pieces
from qc_pipeline.text.similar import best_part

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


class ReadsBack(Operator):
    name: ClassVar[str] = "reads_back"

    by: Party
    field: str | None = None
    heard_from: Literal["agent", "customer"] | None = None
    last: Times | None = None
    within: Window | None = None

    @model_validator(mode="after")
    def _one_source(self) -> ReadsBack:
        if (self.field is None) == (self.heard_from is None):
            raise problem(
                "reads_back",
                "'reads_back' takes the number from one place",
                found="none" if self.field is None else "field, heard_from",
                allowed="field heard_from",
            )
        return self

    def describe(self) -> Words:
        who = PARTY_WORDS[self.by]
        if self.field is not None:
            zh, en = f"{who.zh}念出{self.field}", f"{who.en} reads back {self.field}"
        else:
            other = PARTY_WORDS[self.heard_from or "customer"]
            zh = f"{who.zh}复述{other.zh}刚说的号码"
            en = f"{who.en} reads back the number that {other.en} gave"
        if self.last is not None:
            zh, en = f"{zh}（后{self.last}位）", f"{en} (its last {self.last} digits)"
        return placed(Words(zh, en), self.within)

    def evaluate(self, ctx: Context) -> Outcome:
        blocked = ctx.cannot_hear(self.by)
        if blocked is not None:
            return blocked
        if self.field is not None:
            value = ctx.call.field(self.field)
            if value is None or not digits_only(str(value)):
                return unknown(
                    f"话单没有{self.field}的号码", f"the call list has no number in {self.field}"
                )
            return self._read(ctx, [(digits_only(str(value)), -inf)])
        speaker = Speaker(self.heard_from or "customer")
        blocked = ctx.cannot_hear(speaker.value)
        if blocked is not None:
            return blocked
        given = []
        for run in ctx.call.runs[speaker]:
            if len(run.text) >= (self.last or SHORTEST):
                at_s = ctx.call.start_of(run.first_turn, run.digits[0].start)
                given.append((run.text, at_s))
        start, end = ctx.scope
        given = [(digits, at) for digits, at in given if start <= at <= end]
        if not given:
            return ctx.not_heard(speaker.value) or NEVER_AROSE
        return self._read(ctx, given)

    def _read(self, ctx: Context, numbers: list[tuple[str, float]]) -> Outcome:
        """Whether one of the numbers is said after the moment it is known from."""
        almost: list[Hit] = []
        for speaker in ctx.live(self.by):
            if speaker == self.heard_from:
                continue
            start, end = ctx.span(speaker, self.within)
            for run in ctx.call.runs[speaker]:
                for digits, known_from_s in numbers:
                    wanted = digits if self.last is None else digits[-self.last :]
                    hit, whole = self._find(ctx, run, wanted)
                    if hit is None or not max(start, known_from_s) <= hit.start_s <= end:
                        continue
                    if whole:
                        return Outcome(
                            state=State.HOLDS, certainty=hit.certainty, sure=hit.sure, hits=(hit,)
                        )
                    almost.append(hit)
        absent = ctx.absent(
            self.by, self.within, self.describe, tuple(e for h in almost for e in h.evidence)
        )
        return ctx.or_unknown(self.by, absent)

    @staticmethod
    def _find(ctx: Context, run: SpokenRun, wanted: str) -> tuple[Hit | None, bool]:
        """The number in a run, and whether it is whole; one digit in five may be misheard."""
        at = run.text.find(wanted)
        if at >= 0:
            digits = run.digits[at : at + len(wanted)]
            return number_hit(ctx, run, digits, masked(wanted)), True
        most = max(1, len(wanted) // 5)
        if len(wanted) < SHORTEST or len(run.text) < len(wanted) - most:
            return None, False
        # Of so many pieces and one more, one is whole where no more digits differ.
        if not any(wanted[a:b] in run.text for a, b in pieces(len(wanted), most)):
            return None, False
        edits, first, last = best_part(wanted, run.text)
        if edits > most or first >= last:
            return None, False
        heard = masked(run.text[first:last])
        return number_hit(ctx, run, run.digits[first:last], heard, masked(wanted)), False
