"""A changed rubric judged by what changed gives the cards that judging everything gives."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from benchmarks.faults import recordings, true_words
from qc_pipeline.call import Recording, Speaker, Transcript, Unheard, UnheardReason, Word
from qc_pipeline.scoring.compare_rubrics import compare, together
from qc_pipeline.scoring.compile import compile_rubric
from qc_pipeline.scoring.decisions import Decision, DecisionVerdict
from qc_pipeline.scoring.recogniser_confidence import drawn_confidence
from qc_pipeline.scoring.rubric.model import Rubric
from qc_pipeline.scoring.rubric.parse import parse_rubric
from qc_pipeline.scoring.rubric_change import RubricChange
from qc_pipeline.scoring.score import ToScore, score_many
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.scoring.stress import misheard
from tests.builders import said

SHIPPED = Path(__file__).parents[2] / "rubrics" / "inbound-zh.yaml"


def heard_words(transcript: Transcript) -> Transcript:
    """The true words with a time and a confidence for each, some of them heard wrongly."""
    rng = random.Random(transcript.recording_id)
    turns = []
    for turn in transcript.turns:
        step = (turn.end_s - turn.start_s) / max(1, len(turn.text))
        words = tuple(
            Word(
                text=char,
                start_s=turn.start_s + i * step,
                end_s=turn.start_s + (i + 1) * step,
                confidence=drawn_confidence(rng, right=True),
            )
            for i, char in enumerate(turn.text)
        )
        turns.append(replace(turn, words=words))
    return misheard(replace(transcript, turns=tuple(turns)), 0.05, rng)


@cache
def calls() -> tuple[ToScore, ...]:
    """The sample calls; one in which hardly anything was heard, and one of two words."""
    listed = dict(list(recordings().items())[::3])
    made = [
        ToScore(transcript=heard_words(t), call=listed[t.recording_id]) for t in true_words(listed)
    ]
    first = made[0].transcript
    silent = Unheard(start_s=20.0, end_s=90.0, reason=UnheardReason.NO_WORDS)
    deaf = replace(
        first,
        turns=tuple(t for t in first.turns if t.start_s < 20),
        speech={Speaker.AGENT: ((0.0, 90.0),), Speaker.CUSTOMER: ((5.0, 15.0),)},
        unheard={Speaker.AGENT: (silent,), Speaker.CUSTOMER: ()},
    )
    made.append(ToScore(transcript=deaf, call=made[0].call))
    made.append(ToScore(transcript=said(("agent", "喂"), ("customer", "滚")), call={}))
    return tuple(made)


@cache
def former() -> tuple[Rubric, tuple[Scorecard, ...]]:
    rubric = parse_rubric(SHIPPED.read_text(encoding="utf-8"), SHIPPED.name)
    return rubric, tuple(score_many(compile_rubric(rubric), calls()))


def changed(rubric: Rubric, **changes: dict[str, object]) -> Rubric:
    """The rubric with other values in some criteria, by id (with "-" written as "_")."""
    sections = tuple(
        section.model_copy(
            update={
                "criteria": tuple(
                    c.model_copy(update=changes.get(c.id.replace("-", "_"), {}))
                    for c in section.criteria
                )
            }
        )
        for section in rubric.sections
    )
    return rubric.model_copy(update={"sections": sections, "sha256": "0" * 64})


def differently(kind: str) -> tuple[Rubric, set[str] | None]:
    """A change of the shipped rubric, and which criteria it is one of; None: of all."""
    rubric, _ = former()
    by_id = {c.id: c for c in rubric.criteria()}
    if kind == "words":
        found = by_id["closing"].condition
        return changed(rubric, courtesy={"expect": found, "forbid": None}), {"courtesy"}
    if kind == "points":
        return changed(rubric, taboo={"points": 3.0}, abuse={"severity": "minor", "points": 2.0}), {
            "taboo", "abuse",
        }  # fmt: skip
    if kind == "bands":
        return rubric.model_copy(update={"pass_mark": 99.0, "sha256": "0" * 64}), set()
    if kind == "untied":
        return changed(rubric, greeting={"same_fact": "none"}), {"greeting"}
    if kind == "certainty":
        below = rubric.review_below.model_copy(update={"not_said": 0.95})
        return rubric.model_copy(update={"review_below": below, "sha256": "0" * 64}), None
    sections = tuple(
        s.model_copy(update={"criteria": s.criteria[1:]}) if number == 0 else s
        for number, s in enumerate(rubric.sections)
    )
    return rubric.model_copy(update={"sections": sections, "sha256": "0" * 64}), set()


@pytest.mark.parametrize("kind", ["words", "points", "bands", "untied", "certainty", "one less"])
def test_what_changed_gives_the_cards_that_everything_gives(kind: str) -> None:
    rubric, cards = former()
    new, which = differently(kind)
    change = RubricChange(rubric, new)
    assert change.changed == (which if which is not None else {c.id for c in new.criteria()})
    made = change.after(change.before(cards, calls()), calls())
    whole = list(score_many(compile_rubric(new), calls()))
    assert any(c.not_judged for c in whole)
    assert any(c.too_short for c in whole)
    assert [c.as_json() for c in made] == [c.as_json() for c in whole]
    assert compare(cards, made) == together(
        [compare(cards[:5], made[:5]), compare(cards[5:], made[5:])]
    )


def test_only_a_card_that_scoring_gives_now_tells_the_former_side() -> None:
    rubric, cards = former()
    new, _ = differently("words")
    some = calls()[:4]
    change = RubricChange(rubric, new)
    decision = Decision(verdict=DecisionVerdict.CONFIRM, criterion="greeting", reason="听过",
        person="wang", at="2026-11-20T10:00:00+08:00",
    )  # fmt: skip
    decided = next(
        iter(score_many(compile_rubric(rubric), [replace(some[1], decisions=(decision,))]))
    )
    other = replace(cards[2], inputs={**cards[2].inputs, "engine": "1"}, total=12.0)
    kept = [cards[0], decided, other, None]
    assert change.before(kept, some) == list(cards[:4])


def test_a_call_row_that_changed_is_judged_by_what_it_says_now() -> None:
    rubric, cards = former()
    new, _ = differently("bands")
    call = calls()[0].call
    assert isinstance(call, Recording)
    moved = replace(calls()[0], call=replace(call, path="moved.wav"))
    (made,) = RubricChange(rubric, new).before(cards[:1], [moved])
    assert made.inputs["call"] != cards[0].inputs["call"]
