"""`discloses`: a number with valid check digits is spoken out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from qc_pipeline.scoring.evidence.outcome import Hit, Outcome
from qc_pipeline.scoring.evidence.spoken_numbers import SpokenRun, masked
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, SOME, Party, Words
from qc_pipeline.scoring.operators import combine
from qc_pipeline.scoring.operators.number_hit import confidences, doubtful, number_hit
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.phrase_hits import counted
from qc_pipeline.text.broken_numbers import may_have_been
from qc_pipeline.text.masking.check_digits import Kind
from qc_pipeline.text.numbers import Digit, DigitRun, NumberFound, disclosed_in

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context

KIND_WORDS: dict[str, Words] = {
    "id_card": Words("身份证", "an identity card"),
    "bank_card": Words("银行卡", "a bank card"),
    "phone": Words("电话", "a telephone"),
}

# A telephone number is the shortest of them, a bank card the longest.
SHORTEST, LONGEST = 11, 19
ALL_KINDS: tuple[Kind, ...] = ("id_card", "bank_card", "phone")


class Discloses(Operator):
    name: ClassVar[str] = "discloses"

    by: Party
    what: Annotated[tuple[Kind, ...], SOME[0], SOME[1]]

    def describe(self) -> Words:
        who = PARTY_WORDS[self.by]
        zh = "、".join(KIND_WORDS[k].zh for k in self.what)
        en = " or ".join(KIND_WORDS[k].en for k in self.what)
        return Words(f"{who.zh}念出{zh}号码", f"{who.en} reads out {en} number")

    def evaluate(self, ctx: Context) -> Outcome:
        blocked = ctx.cannot_hear(self.by)
        if blocked is not None:
            return blocked
        hits = []
        for speaker in ctx.live(self.by):
            runs = ctx.call.runs[speaker]
            for run in runs:
                if len(run.text) >= SHORTEST:
                    own = (DigitRun(digits=run.digits),)
                    for found in disclosed_in(own, self.what):
                        hits.append(self._hit(ctx, found, run.turns))
            hits += [h for run in runs if (h := self._broken(ctx, run)) is not None]
        start, end = ctx.scope
        hits = [h for h in hits if start <= h.start_s <= end]
        return counted(combine.in_time(hits), 1) or ctx.or_unknown(
            self.by, ctx.absent(self.by, None, self.describe)
        )

    def _broken(self, ctx: Context, run: SpokenRun) -> Hit | None:
        """A number that proves nothing as it was heard but may have been one, for a person."""
        if not SHORTEST - 1 <= len(run.text) <= LONGEST + 1 or _proves_itself(run):
            return None
        sure = confidences(ctx, run)
        kind = may_have_been(run.text, doubtful(ctx, run), self.what)
        if kind is None:
            return None
        words = KIND_WORDS[kind].of(ctx.language)
        hit = number_hit(ctx, run, run.digits, masked(run.text), words)
        least = min(sure)
        evidence = tuple(e._replace(certainty=least) for e in hit.evidence)
        return hit._replace(certainty=least, sure=False, evidence=evidence)

    def _hit(self, ctx: Context, found: NumberFound, turns: tuple[int, ...]) -> Hit:
        ends = (
            Digit(value="", turn=found.first_turn, start=found.start, end=found.start + 1),
            Digit(value="", turn=found.last_turn, start=found.end - 1, end=found.end),
        )
        run = SpokenRun(text=found.digits, digits=ends, turns=turns)
        kind = KIND_WORDS[found.kind] if found.kind is not None else Words("", "")
        return number_hit(ctx, run, ends, masked(found.digits), kind.of(ctx.language))


def _proves_itself(run: SpokenRun) -> bool:
    """Whether a number of any kind stands in a run whole."""
    return bool(disclosed_in((DigitRun(digits=run.digits),), ALL_KINDS))
