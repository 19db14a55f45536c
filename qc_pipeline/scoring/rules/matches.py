"""`matches`: a regular expression (RE2 syntax) is found in a turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.rules.base import (
    PARTY_WORDS,
    Operator,
    Outcome,
    Party,
    Pattern,
    Window,
    Words,
)
from qc_pipeline.scoring.rules.speech import counted, heard, placed

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


class Matches(Operator):
    name: ClassVar[str] = "matches"

    by: Party
    regex: Pattern
    not_regex: Pattern | None = None
    within: Window | None = None

    def describe(self) -> Words:
        who = PARTY_WORDS[self.by]
        zh, en = f"{who.zh}说出符合/{self.regex}/的话", f"{who.en} says what /{self.regex}/ finds"
        if self.not_regex is not None:
            zh, en = f"{zh}（同一轮没有/{self.not_regex}/）", f"{en}, without /{self.not_regex}/"
        return placed(Words(zh, en), self.within)

    def evaluate(self, ctx: Context) -> Outcome:
        blocked = ctx.cannot_hear(self.by)
        if blocked is not None:
            return blocked
        printed = ctx.call.printed
        hits = []
        for turn, first, last in printed.found(self.regex):
            speaker = ctx.call.turns[turn].speaker
            if speaker not in ctx.live(self.by):
                continue
            if self.not_regex is not None and printed.turn_has(turn, self.not_regex):
                continue
            start, end = ctx.span(speaker, self.within)
            hit = heard(ctx, turn, first, last, self.regex)
            if start <= hit.start_s <= end:
                hits.append(hit)
        return counted(hits, 1) or ctx.or_unknown(
            self.by, ctx.absent(self.by, self.within, self.describe)
        )
