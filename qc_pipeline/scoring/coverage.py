"""How a rubric does in practice: what never fires, what is never heard, what to weigh otherwise.

Counts come from cards, phrases from transcripts, being right from what people decided on a
machine's finding (`earned.stands`).
The bounds for trial and scored criteria are the rubric language's (RUBRIC.md, `coverage`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from qc_pipeline.call import Transcript
from qc_pipeline.scoring.compile import CompiledRubric
from qc_pipeline.scoring.decisions import Decision, DecisionVerdict
from qc_pipeline.scoring.earned import FOUND, OBJECTIONS_UPHELD, stands
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.evidence.timing import merge_turns
from qc_pipeline.scoring.rubric.model import Criterion, Section
from qc_pipeline.scoring.scorecard import Scorecard

READY_HITS = 50
READY_PRECISION = 0.95
BACK_PRECISION = 0.90
BACK_UPHELD = OBJECTIONS_UPHELD
# Below these nothing is said: with fewer a share means little.
ENOUGH_CALLS = 20
ENOUGH_HITS = 10
# A weight moves by at most half, and is shown only where it moves by half a point or more.
WEIGHT_CALLS = 50
WEIGHT_SPAN = (0.5, 1.5)
WEIGHT_STEP = 0.5

_JUDGED = (Verdict.PASS, Verdict.FAIL, Verdict.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealCounts:
    """Objections to one criterion's deductions that were answered, and those upheld."""

    answered: int = 0
    upheld: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionCoverage:
    """Counts of calls for one criterion, and what follows from them.

    `right` and `wrong` count findings that people listened to. `suggested_points` is None where
    nothing speaks for another weight. `never_heard` are phrases found in no call, in any tier.
    """

    id: str
    title: str
    trial: bool
    manual: bool
    points: float | None
    passed: int
    failed: int
    held: int
    not_applicable: int
    unscorable: int
    right: int
    wrong: int
    objections: AppealCounts
    never_heard: tuple[str, ...]
    phrases: int
    suggested_points: float | None = None

    @property
    def judged(self) -> int:
        return self.passed + self.failed + self.held

    @property
    def fail_share(self) -> float | None:
        """Share of judged calls that failed; None where none was judged."""
        return self.failed / self.judged if self.judged else None

    @property
    def precision(self) -> float | None:
        """Share of the findings listened to that were right; None where none was."""
        listened = self.right + self.wrong
        return self.right / listened if listened else None

    @property
    def never_fires(self) -> bool:
        return self.judged >= ENOUGH_CALLS and self.failed + self.held == 0

    @property
    def always_fires(self) -> bool:
        return self.judged >= ENOUGH_CALLS and self.passed == 0

    @property
    def ready_to_be_scored(self) -> bool:
        """A trial criterion that has proved itself: 50 hits listened to, 95 % of them right."""
        listened = self.right + self.wrong
        return self.trial and listened >= READY_HITS and self.right >= READY_PRECISION * listened

    @property
    def should_go_back(self) -> bool:
        """A scored criterion that errs: over 15 % upheld objections, or under 90 % right."""
        if self.trial:
            return False
        listened = self.right + self.wrong
        many, heard = self.objections.answered >= ENOUGH_HITS, listened >= ENOUGH_HITS
        return (many and self.objections.upheld > BACK_UPHELD * self.objections.answered) or (
            heard and self.right < BACK_PRECISION * listened
        )


def coverage(
    ready: CompiledRubric,
    cards: Sequence[Scorecard],
    transcripts: Iterable[Transcript],
    decisions: Mapping[str, Sequence[Decision]],
    objections: Mapping[str, AppealCounts],
) -> tuple[CriterionCoverage, ...]:
    """What a period says about a rubric, criterion by criterion in its order.

    `cards` are the machine's own cards of this rubric's calls, `decisions` those taken by
    recording id, `objections` by criterion id.
    """
    verdicts: dict[str, Counter[Verdict]] = {}
    judged: dict[str, Counter[str]] = {}
    for card in cards:
        taken = {d.criterion: d for d in decisions.get(card.recording_id, ())}
        for result in card.criteria():
            verdicts.setdefault(result.id, Counter())[result.verdict] += 1
            if result.verdict in FOUND and result.id in taken:
                word = _right_or_wrong(taken[result.id])
                if word:
                    judged.setdefault(result.id, Counter())[word] += 1
    unheard = _never_heard(ready, transcripts)
    rows = [
        _row(c, verdicts.get(c.id, Counter()), judged.get(c.id, Counter()), objections, unheard)
        for c in ready.rubric.criteria()
    ]
    weights = {
        id_: points
        for section in ready.rubric.sections
        for id_, points in _weights(section, {r.id: r for r in rows}).items()
    }
    return tuple(_with_weight(r, weights.get(r.id)) for r in rows)


def objections_by_criterion(
    taken: Iterable[tuple[Decision, int | None]],
) -> Mapping[str, AppealCounts]:
    """Objections by criterion, of decisions each with the objection that it answers (None: none):
    upheld where the answer was anything but a confirmation.
    """
    answered: Counter[str] = Counter()
    upheld: Counter[str] = Counter()
    for decision, objection in taken:
        if objection is not None and decision.criterion is not None:
            answered[decision.criterion] += 1
            upheld[decision.criterion] += decision.verdict is not DecisionVerdict.CONFIRM
    return {i: AppealCounts(answered=answered[i], upheld=upheld[i]) for i in sorted(answered)}


def _right_or_wrong(ruling: Decision) -> str | None:
    stood = stands(ruling)
    return None if stood is None else "right" if stood else "wrong"


def _row(
    criterion: Criterion,
    verdicts: Counter[Verdict],
    judged: Counter[str],
    objections: Mapping[str, AppealCounts],
    unheard: frozenset[str],
) -> CriterionCoverage:
    condition = criterion.condition
    phrases = tuple(dict.fromkeys(p.text for p in condition.phrases())) if condition else ()
    return CriterionCoverage(
        id=criterion.id,
        title=criterion.title,
        trial=criterion.status == "trial",
        manual=criterion.manual is not None,
        points=criterion.points,
        passed=verdicts[Verdict.PASS],
        failed=verdicts[Verdict.FAIL],
        held=verdicts[Verdict.HELD],
        not_applicable=verdicts[Verdict.NOT_APPLICABLE],
        unscorable=verdicts[Verdict.UNSCORABLE],
        right=judged["right"],
        wrong=judged["wrong"],
        objections=objections.get(criterion.id, AppealCounts()),
        never_heard=tuple(p for p in phrases if p in unheard),
        phrases=len(phrases),
    )


def _never_heard(ready: CompiledRubric, transcripts: Iterable[Transcript]) -> frozenset[str]:
    """Phrases of the rubric that no turn of any transcript holds."""
    wanted = {p.text for c in ready.rubric.criteria() if c.condition for p in c.condition.phrases()}
    for transcript in transcripts:
        turns = merge_turns(transcript.turns)
        found = ready.lexicon.find([t.text for t in turns])
        wanted -= {ready.lexicon.wanted(number).text for number in found.numbers()}
    return frozenset(wanted)


def _weights(section: Section, rows: Mapping[str, CriterionCoverage]) -> dict[str, float]:
    """Points that follow the faults: more where a fault is common, less where everybody does well.

    Each scored criterion's points times 0.5 + its fail share over the section's mean fail share,
    within half and one and a half, scaled back to the sum they had, in steps of half a point: the
    steps that are left over go to the largest fractions, in the order of the rubric.
    Major criteria keep theirs: they weigh what they would cost the centre, not how common they are.
    """
    shares = {
        c.id: share
        for c in section.criteria
        if c.points
        and (c.status, c.severity, c.manual) == ("scored", "minor", None)
        and rows[c.id].judged >= WEIGHT_CALLS
        for share in (rows[c.id].fail_share,)
        if share is not None
    }
    mean = sum(shares.values()) / len(shares) if shares else 0.0
    if len(shares) < 2 or mean == 0:
        return {}
    low, high = WEIGHT_SPAN
    points = {c.id: c.points or 0.0 for c in section.criteria if c.id in shares}
    raw = {i: points[i] * min(high, max(low, 0.5 + shares[i] / mean)) for i in points}
    scale = sum(points.values()) / sum(raw.values())
    stepped = _stepped({i: v * scale for i, v in raw.items()})
    return {i: v for i, v in stepped.items() if v != points[i]}


def _stepped(points: Mapping[str, float]) -> dict[str, float]:
    """In steps, at least one each, with the sum they had (to the nearest step)."""
    steps = {i: max(1, math.floor(v / WEIGHT_STEP)) for i, v in points.items()}
    left = round(sum(points.values()) / WEIGHT_STEP) - sum(steps.values())
    short = sorted(points, key=lambda i: steps[i] - points[i] / WEIGHT_STEP)
    for i in short[: max(0, left)]:
        steps[i] += 1
    for _ in range(-left):
        steps[max(steps, key=lambda i: steps[i])] -= 1
    return {i: n * WEIGHT_STEP for i, n in steps.items()}


def _with_weight(row: CriterionCoverage, points: float | None) -> CriterionCoverage:
    return row if points is None else replace(row, suggested_points=points)
