"""Calibration: what inspectors said blind of the same calls, against each other and the machine.

Nothing of it enters a scorecard. A majority is more than half of those who judged a criterion of a
call, two at least. Machine and people are compared where there is one, but for manual criteria,
which the machine leaves to people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from qc_pipeline.calibration.agreement import RESAMPLES, Agreement, Unit, agreement
from qc_pipeline.scoring.decisions import InspectorVerdict
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard

ANSWERS = (Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE, Verdict.UNSCORABLE)
"""What an inspector may say of a criterion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainstMachine:
    """The machine's deductions against the inspectors' majority; counts of (call, criterion).

    `compared`: there is a majority; `machine` and `people` deduct; `both` do. `held`: the majority
    deducts and the machine held it for a person. `points_machine` and `points_people` are what
    the compared items cost in all: of the majority's fails the mean of what they took.
    """

    compared: int = 0
    machine: int = 0
    people: int = 0
    both: int = 0
    held: int = 0
    points_machine: float = 0.0
    points_people: float = 0.0

    @property
    def precision(self) -> float | None:
        """Share of the machine's deductions that the majority makes, too."""
        return self.both / self.machine if self.machine else None

    @property
    def recall(self) -> float | None:
        """Share of the majority's deductions that the machine makes, too."""
        return self.both / self.people if self.people else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionCalibration:
    id: str
    title: str
    agreement: Agreement
    machine: AgainstMachine


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputed:
    """A criterion of a call that inspectors judged differently; `machine` is its verdict, None of
    a manual one.
    """

    criterion: str
    title: str
    answers: Mapping[str, InspectorVerdict]
    machine: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCalibration:
    """One call. `judged` counts criteria that two or more judged, `points` is what each inspector
    would deduct over the criteria that every one of them judged; `points_machine` over the same.
    """

    recording_id: str
    judged: int
    disputed: tuple[Disputed, ...]
    points: Mapping[str, float]
    points_machine: float
    machine: AgainstMachine


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """`pairs` holds Cohen's κ and raw agreement of every two inspectors; `calls` those that they
    differ on most first, `answers` how many each inspector gave.
    """

    inspectors: tuple[str, ...]
    answers: Mapping[str, int]
    overall: Agreement
    deductions: Agreement
    machine: AgainstMachine
    points_difference: float | None
    points_apart: float | None
    pairs: Mapping[tuple[str, str], Agreement] = field(default_factory=dict)
    criteria: tuple[CriterionCalibration, ...] = ()
    calls: tuple[CallCalibration, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """A criterion of a call with what the machine and the inspectors made of it."""

    recording_id: str
    result: CriterionResult
    answers: Mapping[str, InspectorVerdict]

    @property
    def unit(self) -> Unit:
        labels = {k: str(a.verdict) for k, a in self.answers.items()}
        return Unit(group=self.recording_id, labels=labels)


def calibrate(
    cards: Mapping[str, Scorecard],
    answers: Sequence[InspectorVerdict],
    *,
    seed: str,
    resamples: int = RESAMPLES,
) -> Calibration:
    """All figures of a calibration. `cards` are the machine's own, by recording."""
    inspectors = tuple(sorted({a.inspector for a in answers}))
    items = _items(cards, answers)

    def agree(chosen: Sequence[_Item], name: str, raters: Sequence[str] = inspectors) -> Agreement:
        units = [i.unit for i in chosen]
        return agreement(units, raters=raters, seed=f"{seed}/{name}", resamples=resamples)

    calls = [_call(k, [i for i in items if i.recording_id == k], inspectors) for k in sorted(cards)]
    compared = [c.machine for c in calls if c.machine.compared]
    apart = [m.points_machine - m.points_people for m in compared]
    ids = list(dict.fromkeys(i.result.id for i in items))
    groups = {id_: [i for i in items if i.result.id == id_] for id_ in ids}
    return Calibration(
        inspectors=inspectors,
        answers=dict(sorted(Counter(a.inspector for a in answers).items())),
        overall=agree(items, "all"),
        deductions=agreement(
            [_deducts(i) for i in items],
            raters=inspectors,
            seed=f"{seed}/deductions",
            resamples=resamples,
        ),
        machine=_against(items),
        points_difference=sum(apart) / len(apart) if apart else None,
        points_apart=sum(abs(a) for a in apart) / len(apart) if apart else None,
        pairs={(a, b): agree(items, f"{a}/{b}", (a, b)) for a, b in combinations(inspectors, 2)},
        criteria=tuple(
            CriterionCalibration(
                id=id_,
                title=group[0].result.title,
                agreement=agree(group, id_),
                machine=_against(group),
            )
            for id_, group in groups.items()
        ),
        calls=tuple(sorted(calls, key=lambda c: (-len(c.disputed), c.recording_id))),
    )


def majority(answers: Mapping[str, InspectorVerdict]) -> Verdict | None:
    """What more than half of two or more inspectors said; None where no verdict has that."""
    if len(answers) < 2:
        return None
    verdict, count = Counter(a.verdict for a in answers.values()).most_common(1)[0]
    return verdict if 2 * count > len(answers) else None


def _items(cards: Mapping[str, Scorecard], answers: Sequence[InspectorVerdict]) -> list[_Item]:
    """In the order of the calls and of their rubrics; a later answer replaces an earlier one."""
    said: dict[tuple[str, str], dict[str, InspectorVerdict]] = {}
    for a in answers:
        said.setdefault((a.recording_id, a.criterion), {})[a.inspector] = a
    return [
        _Item(recording_id=k, result=c, answers=dict(sorted(said[k, c.id].items())))
        for k in sorted(cards)
        for c in cards[k].criteria()
        if (k, c.id) in said
    ]


def _deducts(item: _Item) -> Unit:
    """The unit with two labels only: a deduction or none."""
    labels = {k: str(a.verdict is Verdict.FAIL) for k, a in item.answers.items()}
    return Unit(group=item.recording_id, labels=labels)


def _cost(answer: InspectorVerdict, result: CriterionResult) -> float:
    """Points an inspector takes; a criterion on trial costs nothing."""
    if answer.verdict is not Verdict.FAIL or result.trial:
        return 0.0
    return result.points if answer.points is None else answer.points


def _machine_cost(result: CriterionResult) -> float:
    return result.lost if result.verdict is Verdict.FAIL else 0.0


def _against(items: Sequence[_Item]) -> AgainstMachine:
    compared = machine = people = both = held = 0
    points_machine = points_people = 0.0
    for item in items:
        verdict = majority(item.answers)
        if verdict is None or item.result.manual:
            continue
        compared += 1
        deducts = item.result.verdict is Verdict.FAIL
        machine += deducts
        points_machine += _machine_cost(item.result)
        if verdict is Verdict.FAIL:
            people += 1
            both += deducts
            held += item.result.verdict is Verdict.HELD
            costs = [
                _cost(a, item.result) for a in item.answers.values() if a.verdict is Verdict.FAIL
            ]
            points_people += sum(costs) / len(costs)
    return AgainstMachine(
        compared=compared,
        machine=machine,
        people=people,
        both=both,
        held=held,
        points_machine=round(points_machine, 4),
        points_people=round(points_people, 4),
    )


def _call(recording_id: str, items: Sequence[_Item], inspectors: Sequence[str]) -> CallCalibration:
    judged = [i for i in items if len(i.answers) > 1]
    whole = [i for i in items if len(i.answers) == len(inspectors)]
    return CallCalibration(
        recording_id=recording_id,
        judged=len(judged),
        disputed=tuple(
            Disputed(
                criterion=i.result.id,
                title=i.result.title,
                answers=i.answers,
                machine=None if i.result.manual else i.result.verdict,
            )
            for i in judged
            if len({a.verdict for a in i.answers.values()}) > 1
        ),
        points={k: sum(_cost(i.answers[k], i.result) for i in whole) for k in inspectors},
        points_machine=sum(_machine_cost(i.result) for i in whole),
        machine=_against(items),
    )
