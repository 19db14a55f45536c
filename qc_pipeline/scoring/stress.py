"""A rubric's tests, misheard: which criteria flip when the recogniser errs.

Errors as recognisers make them: of the characters that go wrong, 70 % become one of the same
syllable, 10 % another, 10 % are lost and 10 % have one put in before them (issue 3's error bench).
In English words go wrong: 70 % by a letter. All words are as sure as a recogniser's are, those that
went wrong less than the others (`recogniser_confidence`), and none surer than its test has it.
"""

from __future__ import annotations

import functools
import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from qc_pipeline.call import Transcript, Turn, Word
from qc_pipeline.scoring.compile import CompiledRubric
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.recogniser_confidence import drawn_confidence
from qc_pipeline.scoring.rubric.model import RubricTest
from qc_pipeline.scoring.rubric_tests import made_transcript, score_test
from qc_pipeline.text.syllables import readings

LEVELS = (0.05, 0.10, 0.20)
SAME_SOUND, OTHER, LOST = 0.7, 0.8, 0.9
_LEAST = 0.001
_VOWELS = "aeiou"
_JUDGED = frozenset((Verdict.PASS, Verdict.FAIL, Verdict.HELD))


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """Verdicts of one criterion that changed at one level of errors.

    `example` names a test, `reason` is the criterion's on the misheard call.
    """

    level: float
    before: str
    after: str
    count: int
    example: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionStress:
    """What became of one criterion.

    `judged` counts the verdicts at each level that were pass, fail or held before: what was not
    applicable or could not be judged says nothing of how steady a criterion is.
    """

    id: str
    title: str
    judged: int
    flips: tuple[Flip, ...]

    def share(self, level: float) -> float | None:
        """Share of the judged verdicts that flipped at a level; None where none was judged."""
        flipped = sum(f.count for f in self.flips if f.level == level and f.before in _JUDGED)
        return flipped / self.judged if self.judged else None

    def wrongly_deducted(self, level: float) -> int:
        """Verdicts that became a deduction (`fail`) by mishearing."""
        return sum(f.count for f in self.flips if f.level == level and f.after == "fail")


def stress(
    ready: CompiledRubric,
    tests: Iterable[RubricTest],
    *,
    seed: int = 0,
    repeats: int = 5,
    levels: Sequence[float] = LEVELS,
) -> tuple[CriterionStress, ...]:
    """Score every test `repeats` times at each level of errors; the order is the rubric's.

    The same seed gives the same errors. Deterministic: no clock, no other randomness.
    """
    language = ready.rubric.language
    counts: dict[str, Counter[tuple[float, str, str]]] = {}
    examples: dict[tuple[str, float, str, str], tuple[str, str]] = {}
    judged: Counter[str] = Counter()
    for test in tests:
        clean = made_transcript(test, language)
        before = {c.id: str(c.verdict) for c in score_test(ready, test, clean).criteria()}
        judged.update({i: repeats for i, verdict in before.items() if verdict in _JUDGED})
        for level in levels:
            for turn in range(repeats):
                rng = random.Random(f"{seed}/{level}/{turn}/{test.name}")  # noqa: S311  (no secret)
                card = score_test(ready, test, misheard(clean, level, rng))
                for result in card.criteria():
                    change = (level, before[result.id], str(result.verdict))
                    if change[1] != change[2]:
                        counts.setdefault(result.id, Counter())[change] += 1
                        examples.setdefault((result.id, *change), (test.name, result.reason))
    return tuple(
        CriterionStress(
            id=criterion.id,
            title=criterion.title,
            judged=judged[criterion.id],
            flips=tuple(
                Flip(
                    level=level,
                    before=old,
                    after=new,
                    count=count,
                    example=examples[criterion.id, level, old, new][0],
                    reason=examples[criterion.id, level, old, new][1],
                )
                for (level, old, new), count in sorted(counts.get(criterion.id, Counter()).items())
            ),
        )
        for criterion in ready.rubric.criteria()
    )


def misheard(transcript: Transcript, level: float, rng: random.Random) -> Transcript:
    """The same call with about `level` of its characters (in English: words) heard wrongly; the
    call itself where nothing goes wrong at all.
    """
    if level <= 0:
        return transcript
    english = transcript.language.startswith("en")
    turns = tuple(_turn(t, level, rng, english=english) for t in transcript.turns)
    return replace(transcript, turns=turns)


def _turn(turn: Turn, level: float, rng: random.Random, *, english: bool) -> Turn:
    words: list[Word] = []
    for word in turn.words:
        if rng.random() >= level:
            words.append(_heard(word, rng, right=True))
            continue
        kind = rng.random()
        if kind < OTHER:
            alter = _near_word if english else _character
            text = alter(word.text, rng, same_sound=kind < SAME_SOUND)
            words.append(_heard(replace(word, text=text), rng, right=text == word.text))
        elif kind >= LOST:
            extra = "uh" if english else rng.choice(_common())
            words += [
                _heard(replace(word, text=extra, end_s=word.start_s), rng, right=False),
                _heard(word, rng, right=True),
            ]
    text = (" " if english else "").join(w.text for w in words)
    known = [max(w.confidence, _LEAST) for w in words if w.confidence is not None]
    # As a recogniser's turn has it: the geometric mean of its words.
    confidence = math.exp(sum(map(math.log, known)) / len(known)) if known else turn.confidence
    return replace(turn, words=tuple(words), text=text, confidence=confidence)


def _heard(word: Word, rng: random.Random, *, right: bool) -> Word:
    """A word as sure as a recogniser's, and no surer than it was."""
    drawn = drawn_confidence(rng, right=right)
    if word.confidence is None:
        return word
    return replace(word, confidence=min(word.confidence, drawn))


def _character(char: str, rng: random.Random, *, same_sound: bool) -> str:
    if same_sound:
        sounds = readings(char)
        alike = [c for c in _by_sound().get(sounds[0], ()) if c != char] if sounds else []
        if alike:
            return rng.choice(alike)
    return rng.choice(_common())


def _near_word(word: str, rng: random.Random, *, same_sound: bool) -> str:
    at = rng.randrange(len(word)) if word else 0
    if not same_sound or len(word) < 3:
        return rng.choice(("the", "and", "on", "it", "that"))
    if word[at].lower() in _VOWELS:
        return word[:at] + rng.choice(_VOWELS) + word[at + 1 :]
    return word[:at] + word[at + 1 :]


@functools.cache
def _common() -> tuple[str, ...]:
    """The 3,755 characters of level one of GB 2312, the ones in daily use."""
    codes = ((high, low) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return tuple(bytes(c).decode("gb2312") for c in codes if c < (0xD7, 0xFA))


@functools.cache
def _by_sound() -> Mapping[str, tuple[str, ...]]:
    """Common characters by their syllable without tone."""
    out: dict[str, list[str]] = {}
    for char in _common():
        sounds = readings(char)
        if sounds:
            out.setdefault(sounds[0], []).append(char)
    return {sound: tuple(chars) for sound, chars in out.items()}
