"""`matches`: a regular expression (RE2 syntax) is found in a turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qc_pipeline.scoring.evidence.outcome import Outcome
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, Party, Pattern, Window, Words
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.phrase_hits import counted, heard, placed
from qc_pipeline.scoring.operators.script_wordings import example, wordings

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


class Matches(Operator):
    name: ClassVar[str] = "matches"

    by: Party
    regex: Pattern
    not_regex: Pattern | None = None
    within: Window | None = None

    def describe(self) -> Words:
        return self._told(*self._by_pattern)

    def spelled(self) -> Words:
        """As `describe`, with wordings in place of expressions where they can be listed."""
        found = _spoken(self.regex)
        said = Words(f"说{found.zh}", f"says {found.en}") if found else None
        blocked = _spoken(self.not_regex) if self.not_regex is not None else None
        without = Words(f"没有{blocked.zh}", f"without {blocked.en}") if blocked else None
        return self._told(said or self._by_pattern[0], without or self._by_pattern[1])

    @property
    def _by_pattern(self) -> tuple[Words, Words]:
        return (
            Words(f"说出符合/{self.regex}/的话", f"says what /{self.regex}/ finds"),
            Words(f"没有/{self.not_regex}/", f"without /{self.not_regex}/"),
        )

    def _told(self, said: Words, without: Words) -> Words:
        who = PARTY_WORDS[self.by]
        zh, en = f"{who.zh}{said.zh}", f"{who.en} {said.en}"
        if self.not_regex is not None:
            zh, en = f"{zh}（同一轮{without.zh}）", f"{en}, {without.en}"
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


def _spoken(regex: str) -> Words | None:
    """The wordings that an expression spans, or one of them; None where none can be named."""
    listed = wordings(regex)
    if listed:
        return Words("".join(f"“{w}”" for w in listed), " or ".join(f"“{w}”" for w in listed))
    one = example(regex)
    return Words(f"“{one}”这样的话", f"something like “{one}”") if one else None
