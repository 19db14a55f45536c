"""One fact, one deduction, and people who decide: which criterion covers which, step by step.

What the machine found says first which deduction covers which. Then people are heard, one decision
after the other: what stands covered stays so, whatever becomes of the larger deduction. A decision
moves no deduction to a criterion that nobody decided on. What a person decided counts by itself,
and two such deductions for one fact cost once. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from math import inf

from qc_pipeline.scoring.decisions import Decision, DecisionVerdict, in_force
from qc_pipeline.scoring.draft import Draft
from qc_pipeline.scoring.overlapping_deductions import CountedDeduction, covered

Redo = Callable[[Draft, Decision], Draft]
"""A criterion on its way to the card and a decision on it → the same as decided."""


def cover_found(sections: Sequence[Sequence[Draft]]) -> Mapping[str, str]:
    """Each covered criterion with the one that covers it, before people are heard."""
    counting = [
        _deduction(draft, number)
        for number, own in enumerate(sections)
        for draft in own
        if _counts(draft)
    ]
    return covered(counting) if len(counting) > 1 else {}


def cover_after(
    cover: Mapping[str, str],
    sections: Sequence[Sequence[Draft]],
    concerned: Collection[str],
    *,
    asked: Collection[str] = (),
    lapsed: Collection[str] = (),
    ruled: Collection[str],
    in_favour: bool = False,
) -> Mapping[str, str]:
    """Which covers which once the criteria `concerned` changed, and are as `sections` say.

    Of them a person looked at those `asked` just now, and nobody at those `lapsed`; `ruled` are all
    that any person decided on. What was covered stays so, but: what was asked or ruled counts by
    itself, the latter where the larger one is concerned, unless the decision only takes back
    (`in_favour`); and what a proposal covered that nobody looked at counts when that lapses.
    """
    counting = {d.plan.id for own in sections for d in own if _counts(d)}
    stays = {
        name: larger
        for name, larger in cover.items()
        if name in counting
        and name not in asked
        and (in_favour or name not in ruled or larger not in {*concerned, *counting})
        and (larger not in lapsed or larger in counting)
    }
    loose = cover.keys() - stays.keys()
    touched = {*concerned, *loose}
    left = [
        _deduction(draft, number)
        for number, own in enumerate(sections)
        for draft in own
        if draft.plan.id in counting and draft.plan.id not in stays
    ]
    # Two that are as they were had been told apart before, perhaps by another engine.
    found = covered(left, lambda a, b: a in touched or b in touched)
    kept = {
        name: cover[name]
        for name in loose & counting
        if name not in asked
        and cover[name] in counting
        and cover[name] not in (*concerned, *stays, *found)
    }
    return {**stays, **found, **kept}


def followed(
    sections: Sequence[Sequence[Draft]],
    cover: Mapping[str, str],
    decisions: Sequence[Decision],
    redo: Redo,
    *,
    before: Sequence[Decision] = (),
    only: Collection[str] | None = None,
) -> tuple[list[list[Draft]], Mapping[str, str]]:
    """The criteria and their cover after decisions, in order; `before` were taken earlier. `only`
    these criteria are settled anew (None: all that are decided on).
    """
    ruled = dict(in_force(before))
    drafts = [list(own) for own in sections]
    names = [d.plan.id for own in drafts for d in own]
    for decision in decisions:
        people = ruled_by_people(ruled, names)
        first = frozenset(name for name in names if name not in ruled and None not in ruled)
        ruled[decision.criterion] = decision
        if decision.criterion is None:
            concerned = frozenset(name for name in names if name not in ruled)
        else:
            concerned = frozenset(names) & {decision.criterion}
        if only is not None:
            concerned &= frozenset(only)
        if not concerned:
            continue
        looked = decision.verdict is not DecisionVerdict.NOT_LOOKED_AT
        if looked and (first := first & concerned):
            found = [[_as_found(d) if d.plan.id in first else d for d in own] for own in drafts]
            # What is proposed covers what it would in the draft from when a person looks at it.
            cover = cover_after(cover, found, first, ruled=people)
        drafts = [
            [redo(d, decision) if d.plan.id in concerned else d for d in own] for own in drafts
        ]
        cover = cover_after(
            cover,
            drafts,
            concerned,
            asked=concerned if looked else (),
            lapsed=() if looked else concerned - people,
            ruled=ruled_by_people(ruled, names),
            in_favour=decision.in_favour,
        )
    return drafts, cover


def ruled_by_people(ruled: Mapping[str | None, Decision], names: Collection[str]) -> frozenset[str]:
    """Of criteria those that a person decided on: publishing looks at none of what it closes."""
    return frozenset(
        name
        for name in names
        if (d := ruled.get(name, ruled.get(None))) is not None
        and d.verdict is not DecisionVerdict.NOT_LOOKED_AT
    )


def _counts(draft: Draft) -> bool:
    return draft.settled.lost > 0 or draft.settled.zeroes


def _as_found(draft: Draft) -> Draft:
    """What is proposed, with what it costs once it is confirmed as it was found."""
    if not draft.settled.proposed:
        return draft
    fatal = draft.plan.criterion.severity == "fatal"
    settled = replace(draft.settled, lost=draft.judgement.cost, zeroes=fatal)
    return draft._replace(settled=settled)


def _deduction(draft: Draft, section: int) -> CountedDeduction:
    return CountedDeduction(
        id=draft.plan.id,
        section=str(section),
        same_fact=draft.plan.criterion.same_fact,
        points=inf if draft.settled.zeroes else draft.settled.lost,
        facts=draft.judgement.facts,
        spans=draft.judgement.spans,
    )
