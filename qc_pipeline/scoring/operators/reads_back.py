"""`reads_back`: the speaker says a number, digit by digit, in order."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from math import inf
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

from pydantic import model_validator
from rapidfuzz.distance import Levenshtein

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence.outcome import NEVER_AROSE, Hit, Outcome, State, unknown
from qc_pipeline.scoring.evidence.spoken_numbers import SHORTEST, SpokenRun, masked
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, Party, Times, Window, Words, problem
from qc_pipeline.scoring.operators.number_hit import doubtful, number_hit
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.phrase_hits import placed
from qc_pipeline.text.numbers import digits_only
from qc_pipeline.text.phonetic_index import pieces
from qc_pipeline.text.similar import best_part

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


class _Given(NamedTuple):
    """A number to be read back, from which moment it is known, and which digits are doubtful."""

    digits: str
    known_from_s: float
    doubtful: tuple[bool, ...]


class _Kind(Enum):
    WHOLE = auto()
    DOUBTFUL = auto()
    WRONG = auto()


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
            digits = digits_only(str(value))
            return self._read(ctx, [_Given(digits, -inf, (False,) * len(digits))])
        speaker = Speaker(self.heard_from or "customer")
        blocked = ctx.cannot_hear(speaker.value)
        if blocked is not None:
            return blocked
        given = []
        start, end = ctx.scope
        for run in ctx.call.runs[speaker]:
            if len(run.text) >= (self.last or SHORTEST):
                at_s = ctx.call.start_of(run.first_turn, run.digits[0].start)
                if start <= at_s <= end:
                    given.append(_Given(run.text, at_s, tuple(doubtful(ctx, run))))
        if not given:
            return ctx.unheard_absence(speaker.value) or NEVER_AROSE
        return self._read(ctx, given)

    def _read(self, ctx: Context, numbers: list[_Given]) -> Outcome:
        """Whether one of the numbers is said after the moment it is known from.

        A number that differs is one read back wrongly, unless all that differs is doubtful.
        """
        almost: list[Hit] = []
        wrong: list[Hit] = []
        for speaker in ctx.live(self.by):
            if speaker == self.heard_from:
                continue
            start, end = ctx.span(speaker, self.within)
            for run in ctx.call.runs[speaker]:
                for number in numbers:
                    hit, kind = self._find(ctx, run, number)
                    if hit is None or not max(start, number.known_from_s) <= hit.start_s <= end:
                        continue
                    if kind is _Kind.WHOLE:
                        return Outcome(
                            state=State.HOLDS, certainty=hit.certainty, sure=hit.sure, hits=(hit,)
                        )
                    (almost if kind is _Kind.DOUBTFUL else wrong).append(hit)
        absent = ctx.absent(
            self.by, self.within, self.describe, tuple(e for h in almost for e in h.evidence)
        )
        said = tuple(e for h in wrong for e in h.evidence)
        return ctx.or_unknown(self.by, absent._replace(measured=said))

    def _find(self, ctx: Context, run: SpokenRun, number: _Given) -> tuple[Hit | None, _Kind]:
        """The number in a run, and how: of what differs, one digit in five may be misheard."""
        wanted = number.digits[-self.last :] if self.last else number.digits
        at = self._whole(run.text, number.digits, wanted)
        if at is not None:
            digits = run.digits[at : at + len(wanted)]
            return number_hit(ctx, run, digits, masked(wanted)), _Kind.WHOLE
        most = max(1, len(wanted) // 5)
        if len(wanted) < SHORTEST or len(run.text) < len(wanted) - most:
            return None, _Kind.WRONG
        # Of so many pieces and one more, one is whole where no more digits differ.
        if not any(wanted[a:b] in run.text for a, b in pieces(len(wanted), most)):
            return None, _Kind.WRONG
        edits, first, last = best_part(wanted, run.text)
        if not 0 < edits <= most or first >= last:
            return None, _Kind.WRONG
        heard = masked(run.text[first:last])
        hit = number_hit(ctx, run, run.digits[first:last], heard, masked(wanted))
        doubt = doubtful(ctx, run)
        given = number.doubtful[len(number.digits) - len(wanted) :]
        may_be = _all_doubtful(wanted, given, run.text[first:last], doubt[first:last])
        return hit, _Kind.DOUBTFUL if may_be else _Kind.WRONG

    def _whole(self, said: str, number: str, wanted: str) -> int | None:
        """Where the digits asked for stand. Of last digits alone a place inside a longer number is
        no read-back: they begin or end what was said, or the whole number was.
        """
        at = said.find(wanted)
        if self.last is None or at < 0:
            return at if at >= 0 else None
        if number in said:
            return said.find(number) + len(number) - len(wanted)
        if said.endswith(wanted):
            return len(said) - len(wanted)
        return 0 if at == 0 else None


def _all_doubtful(wanted: str, given: Sequence[bool], heard: str, doubt: Sequence[bool]) -> bool:
    """Whether every digit that differs may have been misheard, from either party.

    A digit that is missing or one too many stands for what is doubtful beside it as well: where a
    digit is lost, its neighbours are what was heard in its place.
    """
    for step in Levenshtein.editops(wanted, heard):
        a, b = step.src_pos, step.dest_pos
        if step.tag == "replace":
            places = [*given[a : a + 1], *doubt[b : b + 1]]
        else:
            places = [*given[max(0, a - 1) : a + 1], *doubt[max(0, b - 1) : b + 1]]
        if not any(places):
            return False
    return True
