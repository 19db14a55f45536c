"""All phrases of a rubric, found in one pass over a call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from qc_pipeline.scoring.rules.base import Wanted
from qc_pipeline.text.phrases import Phrase, PhraseIndex


class Found(NamedTuple):
    """A phrase in a text: `turn` counts the texts, `start` and `end` their characters.

    `tier` 1 to 4 as in RUBRIC.md; 5 was nearly a hit.
    """

    turn: int
    start: int
    end: int
    tier: int


class Lexicon:
    """The phrases of a rubric, ready to be found. Built once for many calls."""

    def __init__(
        self,
        wanted: Iterable[Wanted],
        *,
        language: str,
        confusions: Sequence[str] = (),
        exact_only: Sequence[str] = (),
    ) -> None:
        self.language = language
        self.phrases = tuple(dict.fromkeys(w.text for w in wanted))
        self._index = PhraseIndex.build(
            [Phrase(text) for text in self.phrases],
            language,
            confusions=confusions,
            exact_only=exact_only,
        )

    def find(self, texts: Sequence[str]) -> Mapping[str, list[Found]]:
        """Every place of every phrase that occurs, by phrase."""
        out: dict[str, list[Found]] = {}
        for hit in self._index.find(texts):
            phrase = self.phrases[hit.phrase]
            out.setdefault(phrase, []).append(Found(hit.turn, hit.start, hit.end, hit.tier))
        return out
