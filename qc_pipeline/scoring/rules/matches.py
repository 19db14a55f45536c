"""`matches`: a regular expression (RE2 syntax) is found in a turn."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from qc_pipeline.scoring.rules.base import (
    PARTY_WORDS,
    Operator,
    Outcome,
    Party,
    Pattern,
    Window,
    Words,
    compiled,
)
from qc_pipeline.scoring.rules.speech import counted, heard, placed
from qc_pipeline.text.characters import printed_form
from qc_pipeline.text.numerals import DIGIT_WORDS, number_form

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context

_CLASS_OR_NUMBER = re.compile(r"\[[^\]]*\]|[零一幺二两三四五六七八九十百千万亿]+")
_EACH_DIGIT = str.maketrans(DIGIT_WORDS)

# Ends of the text that no flag makes ends of a line.
_TEXT_ENDS = (r"\A", r"\z")


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
            zh, en = f"{zh}(同一轮没有/{self.not_regex}/)", f"{en}, without /{self.not_regex}/"
        return placed(Words(zh, en), self.within)

    def evaluate(self, ctx: Context) -> Outcome:
        blocked = ctx.cannot_hear(self.by)
        if blocked is not None:
            return blocked
        wanted = searcher(self.regex)
        of_text = any(end in self.regex for end in _TEXT_ENDS)
        if not of_text and not ctx.call.printed.may_match(searcher(self.regex, all_turns=True)):
            return ctx.or_unknown(self.by, ctx.absent(self.by, self.within, self.describe))
        unwanted = None if self.not_regex is None else searcher(self.not_regex)
        hits = []
        for i in ctx.turns(ctx.live(self.by), self.within):
            start, end = ctx.span(ctx.call.turns[i].speaker, self.within)
            printed = ctx.call.printed.turn(i)
            if unwanted is not None and unwanted.search(printed.text):
                continue
            for match in wanted.finditer(printed.text):
                if match.start() < match.end():
                    hit = heard(ctx, i, *printed.span(match.start(), match.end()), self.regex)
                    if start <= hit.start_s <= end:
                        hits.append(hit)
        return counted(hits, 1) or ctx.or_unknown(
            self.by, ctx.absent(self.by, self.within, self.describe)
        )


@lru_cache(maxsize=1024)
def searcher(regex: str, *, all_turns: bool = False) -> Any:
    """The expression, made one form as the text is: width, script, case, digits.

    With `all_turns` for turns in lines: the ends of a line are those of a turn.
    """
    form = "".join(c if c.isascii() else printed_form(c) or c for c in regex)
    form = _CLASS_OR_NUMBER.sub(_digits, form)
    return compiled(f"(?{'im' if all_turns else 'i'}){form}")


def _digits(match: re.Match[str]) -> str:
    text = match[0]
    return text.translate(_EACH_DIGIT) if text.startswith("[") else number_form(text)
