"""The decisions of the demonstration: what a person who knows the truth of the sample calls would
say of those that are to be listened to. They are made from the truth files and say so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qc_pipeline.review.listening import (
    CallToListen,
    calls_to_listen,
    heard_without_more,
    passed_criterion,
)
from qc_pipeline.scoring.decisions import Cause, Decision, DecisionVerdict, Root
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.decisions import NewDecision
from qc_pipeline.store.outcomes import outcomes_of

if TYPE_CHECKING:
    from qc_pipeline.store.record import Record
    from qc_pipeline.store.samples import KeptSample
    from qc_pipeline.workspace.settings import Settings

PERSON = "样例真值"
REASON = "据样例真值（演示），不是人听的"
BY_HAND = ("manual", "unheard", "unscorable")
FOUND = (Verdict.FAIL, Verdict.HELD)

Faults = Mapping[str, Mapping[str, Any]]


def take_decisions_of_truth(record: Record, settings: Settings, kept: KeptSample) -> int:
    """Decide everything in the calls to be listened to by their truth files; how many calls."""
    from qc_pipeline.review.decide import take_decisions

    calls = calls_to_listen(record, kept, complaint_risks=settings.targets.follow_up_criteria)
    cards = outcomes_of(record, kept.seq)
    at = record.now.isoformat(timespec="seconds")
    new: list[NewDecision] = []
    heard = 0
    for call in calls:
        card, faults = cards.get(call.recording_id), _faults(settings.root, call.recording_id)
        if not isinstance(card, Scorecard) or faults is None:
            continue
        heard += 1
        new += [
            NewDecision(recording_id=call.recording_id, decision=d, seen=call.card)
            for d in decisions_of_truth(card, call, faults, at=at)
        ]
    take_decisions(record, settings, kept, new)
    return heard


def _faults(root: Path, recording_id: str) -> Faults | None:
    """The faults of a call by criterion, the first of each; None without a truth file."""
    path = root / "truth" / f"{recording_id}.json"
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    found: dict[str, Mapping[str, Any]] = {}
    for fault in body["faults"]:
        found.setdefault(fault["criterion"], fault)
    return found


def decisions_of_truth(
    card: Scorecard, call: CallToListen, faults: Faults, *, at: str
) -> Sequence[Decision]:
    """A decision on every open item of a call, and the deductions that were not found."""
    made = list(_decided(card, call, faults, at))
    if made:
        return made
    passed = passed_criterion(card)
    return () if passed is None else (heard_without_more(passed, PERSON, at, REASON),)


def _decided(card: Scorecard, call: CallToListen, faults: Faults, at: str) -> Iterator[Decision]:
    def said(criterion: str, verdict: DecisionVerdict, **values: Any) -> Decision:
        return Decision(
            criterion=criterion, verdict=verdict, person=PERSON, at=at, reason=REASON, **values
        )

    asked = set()
    for item in call.items:
        asked.add(item.criterion)
        is_fault = item.criterion in faults
        if item.kind in BY_HAND:
            worth = item.stake if item.severity == "fatal" else item.points
            if is_fault and worth > 0:
                yield said(item.criterion, DecisionVerdict.POINTS, points=worth, root=Root.SKILL)
            else:
                yield said(item.criterion, DecisionVerdict.OVERTURN)
        elif is_fault:
            yield said(item.criterion, DecisionVerdict.CONFIRM, root=Root.SKILL)
        else:
            yield said(item.criterion, DecisionVerdict.OVERTURN, cause=Cause.RECOGNISER)
    for result in card.criteria():
        fault = faults.get(result.id)
        if (
            fault is None
            or result.id in asked
            or result.verdict in FOUND
            or result.trial
            or not result.points
        ):
            continue
        yield said(
            result.id,
            DecisionVerdict.DEDUCT,
            points=result.points,
            place_s=(float(fault["start_s"]), float(fault["end_s"])),
            root=Root.SKILL,
        )
