"""All phrases of a rubric, found in one pass over a call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from qc_pipeline.scoring.rules.base import Wanted, WantedSet
from qc_pipeline.text.phrases import Phrase, PhraseHit, PhraseIndex

_YOU = frozenset("你您")


class Found(NamedTuple):
    """A phrase in a text: `turn` counts the texts, `start` and `end` their characters.

    `tier` 1 to 4 as in RUBRIC.md; 5 was nearly a hit.
    """

    turn: int
    start: int
    end: int
    tier: int


Places = Mapping[Wanted, Sequence[Found]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPhrases:
    """Every place of every phrase that occurs. `polite` takes 您 and 你 for one.

    `mask` has the bits of the phrases that occur either way (`Lexicon.mask`).
    """

    plain: Places
    polite: Places
    mask: int


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
        self._wanted = tuple(dict.fromkeys(wanted))
        # 您 is 你 only where that is good for the agent, so such phrases are looked for both ways.
        polite = tuple(w for w in self._wanted if language == "zh" and not _YOU.isdisjoint(w.text))
        self._bits = {w: 1 << i for i, w in enumerate(self._wanted)}
        self._masks: dict[int, int] = {}
        # An id is a list's own only as long as the list lives.
        self._alive: list[WantedSet] = []
        self._owners = (*self._wanted, *polite)
        self._differs = frozenset(polite)
        self._index = PhraseIndex.build(
            [
                *(Phrase(text=w.text, level=w.level) for w in self._wanted),
                *(Phrase(text=w.text, level=w.level, polite_you=True) for w in polite),
            ],
            language,
            confusions=confusions,
            exact_only=exact_only,
        )
        self._units = dict(zip(self._owners, self._index.units, strict=True))

    def units(self, phrase: Wanted) -> int:
        """How long a phrase is: syllables, in English words."""
        return self._units[phrase]

    def find(self, texts: Sequence[str]) -> FoundPhrases:
        """Every place of every phrase that occurs, hits and what was nearly one."""
        plain: dict[Wanted, list[Found]] = {}
        polite: dict[Wanted, list[Found]] = {}
        findings = self._index.find_all(texts)
        for hits in (findings.hits, findings.almost):
            for hit in hits:
                self._add(hit, plain, polite)
        mask = 0
        for wanted in plain.keys() | polite.keys():
            mask |= self._bits[wanted]
        return FoundPhrases(plain=plain, polite=polite, mask=mask)

    def mask(self, wanted: WantedSet) -> int:
        """One bit for every phrase of a list: what none of is found is told at one look."""
        mask = self._masks.get(id(wanted))
        if mask is None:
            mask = 0
            for phrase in wanted.phrases:
                mask |= self._bits.get(phrase, 0)
            self._masks[id(wanted)] = mask
            self._alive.append(wanted)
        return mask

    def _add(
        self, hit: PhraseHit, plain: dict[Wanted, list[Found]], polite: dict[Wanted, list[Found]]
    ) -> None:
        wanted = self._owners[hit.phrase]
        found = Found(hit.turn, hit.start, hit.end, hit.tier)
        if hit.phrase >= len(self._wanted):
            polite.setdefault(wanted, []).append(found)
            return
        plain.setdefault(wanted, []).append(found)
        if wanted not in self._differs:
            polite.setdefault(wanted, []).append(found)
