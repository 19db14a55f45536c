"""Running the tests of a rubric: a call in a few lines → what the rubric makes of it.

Timing of the made calls, as RUBRIC.md has it: a turn without times lasts 0.25 s a character (a
letter, digit or Chinese character; punctuation takes no time) or 0.4 s a word in English, at least
0.8 s, and stands 0.4 s after whatever ended last, the first one 0.4 s after the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from qc_pipeline.call import AsrIdentity, Measures, Speaker, Transcript, Turn, Word
from qc_pipeline.scoring.compile import CompiledRubric, compile_rubric
from qc_pipeline.scoring.rubric.model import Rubric, RubricTest, TestTurn
from qc_pipeline.scoring.score import score
from qc_pipeline.scoring.scorecard import Scorecard

CHARACTER_S = 0.25
WORD_S = 0.4
SHORTEST_TURN_S = 0.8
PAUSE_S = 0.4
_BY_HAND = AsrIdentity(backend="rubric-test", model="none")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmetExpectation:
    """One expectation that was not met. `criterion` may be "total" or "band"."""

    criterion: str
    expected: str | float | None
    got: str | float | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestOutcome:
    """What became of one test; no differences means all was as expected."""

    __test__ = False

    name: str
    differences: tuple[UnmetExpectation, ...]
    card: Scorecard

    @property
    def as_expected(self) -> bool:
        return not self.differences


def run_tests(
    rubric: Rubric | CompiledRubric, tests: Iterable[RubricTest] | None = None
) -> tuple[TestOutcome, ...]:
    """Score every test (default: those in the rubric) and compare, in order.

    Deductions that a person would have to confirm count as confirmed.
    """
    ready = rubric if isinstance(rubric, CompiledRubric) else compile_rubric(rubric)
    chosen = ready.rubric.tests if tests is None else tests
    return tuple(_run(ready, test) for test in chosen)


def _run(ready: CompiledRubric, test: RubricTest) -> TestOutcome:
    card = score_test(ready, test)
    return TestOutcome(
        name=test.name, differences=tuple(_differences(card, test.expect)), card=card
    )


def score_test(
    ready: CompiledRubric, test: RubricTest, transcript: Transcript | None = None
) -> Scorecard:
    """The card of a test's call, or of another transcript of that call.

    A test is a piece of a call: `scorable_from`, which is for whole ones, is not asked of it.
    """
    if ready.rubric.scorable_from is not None:
        no_floor = ready.rubric.model_copy(update={"scorable_from": None})
        ready = replace(ready, rubric=no_floor)
    heard = made_transcript(test, ready.rubric.language) if transcript is None else transcript
    return score(ready, heard, test.call, made_measures(test))


def _differences(
    card: Scorecard, expected: Mapping[str, str | float | None]
) -> list[UnmetExpectation]:
    results = {c.id: c for c in card.criteria()}
    out: list[UnmetExpectation] = []
    for key, wanted in expected.items():
        reason = ""
        got: str | float | None
        if key == "total":
            got = card.total
        elif key == "band":
            got = card.band
        else:
            got, reason = str(results[key].verdict), results[key].reason
        same = got == wanted or (
            isinstance(got, int | float)
            and isinstance(wanted, int | float)
            and abs(got - wanted) < 0.005
        )
        if not same:
            out.append(UnmetExpectation(criterion=key, expected=wanted, got=got, reason=reason))
    return out


def made_measures(test: RubricTest) -> Measures | None:
    """The figures of the sound that a test gives, None where it gives none."""
    given = test.measures
    if given is None:
        return None
    return Measures(
        version="rubric-test",
        speakers={Speaker.AGENT: given.agent, Speaker.CUSTOMER: given.customer},
        call=given.call,
    )


def made_transcript(test: RubricTest, language: str) -> Transcript:
    """The transcript that a test's turns stand for; times in seconds."""
    turns: list[Turn] = []
    clock_s = 0.0
    for said in test.turns:
        units = _units(said.text, language)
        if said.at is None:
            start_s = clock_s + PAUSE_S
            each_s = WORD_S if language == "en" else CHARACTER_S
            end_s = start_s + max(SHORTEST_TURN_S, each_s * len(units))
        else:
            start_s, end_s = said.at
        clock_s = max(clock_s, end_s)
        turns.append(_turn(said, units, round(start_s, 3), round(end_s, 3)))
    ordered = sorted(turns, key=lambda t: (t.start_s, str(t.speaker)))
    return Transcript(
        recording_id=test.name,
        language=language,
        duration_s=round(clock_s, 3),
        asr=_BY_HAND,
        turns=tuple(ordered),
    )


def _turn(said: TestTurn, units: list[str], start_s: float, end_s: float) -> Turn:
    each_s = (end_s - start_s) / len(units) if units else 0.0
    words = tuple(
        Word(
            text=unit,
            start_s=round(start_s + i * each_s, 3),
            end_s=round(start_s + (i + 1) * each_s, 3),
            confidence=said.confidence,
        )
        for i, unit in enumerate(units)
    )
    return Turn(
        speaker=Speaker(said.speaker),
        start_s=start_s,
        end_s=end_s,
        text=said.text,
        confidence=said.confidence,
        words=words,
    )


def _units(text: str, language: str) -> list[str]:
    """What takes time to say: the characters that are spoken, in English the words."""
    if language == "en":
        return [word for word in text.split() if any(c.isalnum() for c in word)]
    return [c for c in text if c.isalnum()]
