"""A rubric made ready once for many calls: its phrases in one index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qc_pipeline.scoring.criterion_plan import SectionPlan, plan
from qc_pipeline.scoring.evidence.outcome import Wanted
from qc_pipeline.scoring.evidence.phrase_lexicon import Lexicon
from qc_pipeline.scoring.evidence.prepared_call import Thresholds
from qc_pipeline.scoring.evidence.terms import Party
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.said_phrase import Said
from qc_pipeline.scoring.rubric.model import Rubric


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRubric:
    """What `score` needs of a rubric: built once by `compile_rubric`, used for every call.

    `shared` numbers the conditions that stand in it more than once, by their ids: those that ask
    the same have the same number.
    """

    rubric: Rubric
    lexicon: Lexicon
    thresholds: Thresholds
    sections: tuple[SectionPlan, ...]
    shared: Mapping[int, int]


def compile_rubric(rubric: Rubric) -> CompiledRubric:
    """Build the phrase index of every condition of the rubric. Raises nothing for a read rubric."""
    conditions = [
        condition
        for section in rubric.sections
        for condition in (
            section.applies,
            *(c for one in section.criteria for c in (one.applies, one.condition)),
        )
        if condition is not None
    ]
    doubted, parties = _doubted(rubric)
    return CompiledRubric(
        rubric=rubric,
        lexicon=Lexicon(
            (wanted for condition in conditions for wanted in condition.phrases()),
            language=rubric.language,
            confusions=rubric.confusions,
            exact_only=rubric.exact_only,
            doubted=doubted,
            doubted_of=parties,
            asked_of=_asked_of(conditions),
            grave=frozenset(
                wanted
                for criterion in rubric.criteria()
                if criterion.severity != "minor"
                for condition in (criterion.applies, criterion.condition)
                if condition is not None
                for wanted in condition.phrases()
            ),
        ),
        thresholds=Thresholds(
            said=rubric.review_below.said,
            not_said=rubric.review_below.not_said,
            heard=rubric.review_below.heard,
        ),
        sections=plan(rubric),
        shared=_shared(conditions),
    )


def _doubted(rubric: Rubric) -> tuple[frozenset[Wanted], frozenset[Party]]:
    """The phrases of which it may speak for the agent that they were said (`rules.doubt`), and
    by whom.
    """
    out: set[Wanted] = set()
    parties: set[Party] = set()

    def look_at(condition: Operator | None, favour: bool) -> None:
        if condition is None:
            return
        favour = favour or condition.name == "not"
        if favour and isinstance(condition, Said):
            out.update(condition.doubted_phrases())
            parties.add(condition.by)
        for part in condition.parts():
            look_at(part, favour)

    for section in rubric.sections:
        look_at(section.applies, False)
        for criterion in section.criteria:
            look_at(criterion.applies, False)
            look_at(criterion.condition, criterion.expect is not None)
    return frozenset(out), frozenset(parties)


def _asked_of(conditions: Sequence[Operator]) -> Mapping[Wanted, frozenset[Party]]:
    """By phrase: in whose words it is looked for."""
    asked: defaultdict[Wanted, set[Party]] = defaultdict(set)
    for condition in conditions:
        for phrase, party in condition.phrases_by():
            asked[phrase].add(party)
    return {phrase: frozenset(parties) for phrase, parties in asked.items()}


def _shared(conditions: Sequence[Operator]) -> Mapping[int, int]:
    asked: dict[tuple[str, str], list[int]] = {}

    def look_at(condition: Operator) -> None:
        text = f"{condition!r}"
        asked.setdefault((condition.name, text), []).append(id(condition))
        for part in condition.parts():
            look_at(part)

    for condition in conditions:
        look_at(condition)
    several = [ids for ids in asked.values() if len(ids) > 1]
    return {one: number for number, ids in enumerate(several) for one in ids}
