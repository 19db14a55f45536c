"""Where the phrases of a lexicon stand in one call; patterns are verified when asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence.outcome import Wanted
from qc_pipeline.text.gapped_wordings import WORDED, Sounding, Walks, WordedPart, around
from qc_pipeline.text.phrase_patterns import Segments
from qc_pipeline.text.phrases import HIT, NEAR_TIER, PhraseHit, SearchedTurns, one_of_each


class Use(NamedTuple):
    """What a text of the index stands for: `part` of a phrase, one of the `key` segment of a form
    of it.
    """

    owner: int
    part: str
    form: Segments
    key: int
    sounding: Sounding


# A use of a text with its number among those of a phrase: in their order the first counts.
_Numbered = tuple[int, int, Use]


class Owned:
    """What a phrase is looked for by: texts of the index with what each stands for.

    `pattern`: it has more than one wording. `only`: the one party in whose words it is looked for,
    None for either's.
    """

    __slots__ = ("_of_text", "_texts", "only", "pattern")

    def __init__(
        self, uses: Sequence[tuple[int, Use]], *, pattern: bool, only: Speaker | None
    ) -> None:
        self.pattern = pattern
        self.only = only
        of_text: defaultdict[int, list[_Numbered]] = defaultdict(list)
        for number, (text, use) in enumerate(uses):
            of_text[text].append((number, text, use))
        self._of_text = dict(of_text)
        self._texts = frozenset(of_text)

    def found(self, texts: frozenset[int]) -> Sequence[_Numbered]:
        """Those of the texts that were found, in order: of the many of a pattern few."""
        some = self._texts & texts
        if len(some) == 1:
            (text,) = some
            return self._of_text[text]
        found = [one for text in some for one in self._of_text[text]]
        found.sort()
        return found


class NumberedPhrases(Protocol):
    """A lexicon, as far as finding its phrases asks it: `candidates` are the numbers that a mask
    has the bits of.
    """

    def candidates(self, mask: int) -> Iterable[int]: ...
    def owned(self, number: int) -> Owned: ...
    def wanted(self, number: int) -> Wanted: ...


class FoundPhrases:
    """Where the phrases of a lexicon stand in the turns of a call.

    `mask` has the bits of the phrases that may occur. What is found of a pattern is verified when
    it is asked for.
    """

    __slots__ = (
        "_lexicon",
        "_parts",
        "_places",
        "_rows",
        "_said_by",
        "_texts",
        "_turns",
        "_walks",
        "mask",
    )

    def __init__(
        self,
        lexicon: NumberedPhrases,
        turns: SearchedTurns,
        said_by: Sequence[Speaker] | None,
        rows: Mapping[int, Sequence[PhraseHit]],
        mask: int,
    ) -> None:
        """`rows` are what the index found in the turns, by its texts."""
        self._lexicon = lexicon
        self._turns = turns
        self._said_by = said_by
        self._rows = rows
        self._texts = frozenset(rows)
        self._places: dict[int, Sequence[PhraseHit]] = {}
        self._walks: defaultdict[tuple[int, int], Walks] = defaultdict(dict)
        self._parts: dict[PhraseHit, tuple[WordedPart, ...]] = {}
        self.mask = mask

    def numbers(self) -> Iterator[int]:
        """The phrases that occur, by their numbers in the lexicon."""
        return (number for number in self._lexicon.candidates(self.mask) if self.of(number))

    def of(self, number: int) -> Sequence[PhraseHit]:
        """Every place of a phrase, by its number in the lexicon, in order."""
        known = self._places.get(number)
        if known is None:
            known = self._places[number] = self._found(self._lexicon.owned(number))
        return known

    def _found(self, owned: Owned) -> Sequence[PhraseHit]:
        rows: list[tuple[Use, PhraseHit]] = []
        said_by = self._said_by
        for _, text, use in owned.found(self._texts):
            for row in self._rows[text]:
                if owned.only is None or said_by is None or said_by[row[0]] is owned.only:
                    rows.append((use, row))
        if owned.pattern:
            return self._verified(rows) if rows else ()
        return [
            HIT((turn, start, end, use.owner, tier, distance))
            for use, (turn, start, end, _, tier, distance) in rows
        ]

    def parts(self, place: PhraseHit) -> tuple[WordedPart, ...]:
        """What of a phrase was said at a place, part by part."""
        known = self._parts.get(place)
        if known is not None:
            return known
        phrase = self._lexicon.wanted(place.phrase).text
        return (WORDED((phrase, place.start, place.end, place.tier)),)

    def _verified(self, rows: Sequence[tuple[Use, PhraseHit]]) -> list[PhraseHit]:
        """Overlapping hits of a pattern as one: best tier, longest, earliest."""
        hits = []
        for use, row in rows:
            worded = self._worded(use, row)
            if worded is None:
                continue
            tier = row[4] if len(worded) == 1 else max([part.tier for part in worded])
            hit = HIT((row[0], worded[0].start, worded[-1].end, use.owner, tier, row[5]))
            if hit not in self._parts:
                self._parts[hit] = worded
                hits.append(hit)
        return one_of_each(hits)

    def _worded(self, use: Use, row: PhraseHit) -> tuple[WordedPart, ...] | None:
        turn, start, end, _, tier, _ = row
        form = use.form
        found = WORDED((use.part, start, end, tier))
        if len(form.parts) == 1:
            return (found,)
        if tier > NEAR_TIER:
            return None
        # Between two parts there is nothing to be kept: the next one is looked for once a place.
        known = self._walks[id(use), turn] if len(form.parts) > 2 else None
        return around(form, use.key, found, self._turns.units(turn), use.sounding, known)
