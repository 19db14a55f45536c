"""Which criteria corrected words concern, and which they leave alone. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import Any

from qc_pipeline.call import Transcript, Turn
from qc_pipeline.scoring.draft import Draft
from qc_pipeline.scoring.evidence.finding import Evidence, Verdict
from qc_pipeline.scoring.judgement import Judgement
from qc_pipeline.scoring.score import Heard, JudgedCall
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard

_ROUNDED_S = 0.01
"""Times on a card are rounded to hundredths: so much of a neighbour's time is none of it."""


_OPEN = (Verdict.UNSCORABLE, Verdict.FAIL, Verdict.HELD)


def concerned_by_words(
    card: Scorecard, before: Transcript, after: Transcript, old: JudgedCall, new: JudgedCall
) -> Mapping[str, Judgement]:
    """The judgements on the corrected words of the criteria that the correction concerns.

    Those are: a criterion whose evidence on the card – words, or a span that was searched in vain –
    lies in words that were corrected; one that today's engine judges otherwise by the new words
    than by the old ones (`old`, `new`: what it makes of both), so that something is found, or no
    longer missing, in what was corrected; and what could not be judged, where the correction has a
    party heard well enough, or no longer, or the call too short, or no longer. That today's engine
    differs from the card's concerns nobody. Where the call is too short, or no longer, what was
    found is settled anew, too: of a call that is, a person decides it.
    """
    kept = turns_kept(before, after)
    left, right = set(range(len(before.turns))) - kept.keys(), set(kept.values())
    edited = [before.turns[n] for n in sorted(left)]
    edited += [t for n, t in enumerate(after.turns) if n not in right]
    was = {d.plan.id: d.judgement for d in _drafts(old)}
    now = heard_now(card, old, new)
    talked_otherwise = (card.too_short is None) is not (now.too_short is None)
    heard_otherwise = dict(card.not_judged) != dict(now.not_judged)
    former = {c.id: c for c in card.criteria()}
    return {
        d.plan.id: d.judgement
        for d in _drafts(new)
        if _rests_on(former[d.plan.id], left, edited)
        or _said(was[d.plan.id]) != _said(d.judgement)
        or (heard_otherwise and _not_heard(former[d.plan.id]))
        or (talked_otherwise and former[d.plan.id].verdict in _OPEN)
    }


def heard_now(card: Scorecard, old: JudgedCall, new: JudgedCall) -> Heard:
    """How the call is heard with the corrected words: where they change nothing of it, as the card
    has it (`hearing` is None then), whatever today's engine makes of the words before.
    """
    was, now = old.heard, new.heard
    talk = card.too_short if was.too_short == now.too_short else now.too_short
    return Heard(
        None if was.hearing == now.hearing else now.hearing,
        card.not_judged if dict(was.not_judged) == dict(now.not_judged) else now.not_judged,
        talk,
    )


def turns_kept(before: Transcript, after: Transcript) -> Mapping[int, int]:
    """Where each turn that was not corrected stands in the new transcript, by number."""
    places: dict[Any, list[int]] = {}
    for number, turn in enumerate(after.turns):
        places.setdefault(_key(turn), []).append(number)
    kept: dict[int, int] = {}
    for number, turn in enumerate(before.turns):
        left = places.get(_key(turn))
        if left:
            kept[number] = left.pop(0)
    return kept


def _rests_on(result: CriterionResult, left: Collection[int], edited: Sequence[Turn]) -> bool:
    """Whether a line's evidence is of a turn that was `left` behind, or in the time of an edited
    one, or was looked for in vain in a span with one in it.
    """
    return any(e.turn in left or any(_touches(e, turn) for turn in edited) for e in result.evidence)


def _not_heard(result: CriterionResult) -> bool:
    """Whether the machine could not judge a criterion that it could have."""
    return result.verdict is Verdict.UNSCORABLE and not result.manual


def _touches(evidence: Evidence, turn: Turn) -> bool:
    if evidence.speaker not in (None, turn.speaker):
        return False
    shared_s = min(evidence.end_s, turn.end_s) - max(evidence.start_s, turn.start_s)
    return shared_s > _ROUNDED_S


def _key(turn: Turn) -> tuple[Any, ...]:
    return turn.speaker, turn.start_s, turn.end_s, turn.text, turn.confidence, turn.words


def _drafts(judged: JudgedCall) -> list[Draft]:
    return list(chain.from_iterable(judged.drafts))


def _said(judgement: Judgement) -> tuple[Any, ...]:
    """What a judgement says, but for how sure it is and how the turns are numbered."""
    evidence = tuple(
        (e.kind, e.speaker, e.start_s, e.end_s, e.quote, e.phrase) for e in judgement.evidence
    )
    return judgement.verdict, judgement.hits, judgement.cost, judgement.doubtful, evidence
