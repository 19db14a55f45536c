"""A whole call judged blind at the terminal: every criterion by its number, then what differs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from qc_pipeline.cli.card_text import plain
from qc_pipeline.cli.followup_open import follow_up
from qc_pipeline.cli.listen_questions import (
    WHOLE_CAUSES,
    LeftError,
    ask_cause,
    ask_place_if_any,
    ask_points,
    ask_root,
    ask_whose,
)
from qc_pipeline.cli.review_ask import ask_line
from qc_pipeline.cli.wrap import print_fitted
from qc_pipeline.report.words.translate import Translator

if TYPE_CHECKING:
    from qc_pipeline.call import Recording
    from qc_pipeline.review.blind import BlindAnswer
    from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
    from qc_pipeline.store.decisions import Decided, NewDecision
    from qc_pipeline.store.record import Record
    from qc_pipeline.store.samples import KeptSample
    from qc_pipeline.workspace.people import Actor
    from qc_pipeline.workspace.settings import Settings


def judge_blind(
    settings: Settings,
    record: Record,
    kept: KeptSample,
    card: Scorecard,
    actor: Actor,
    *,
    t: Translator,
    show: Callable[[Sequence[Decided]], None],
) -> None:
    """Ask for everything of a call and keep it at once, then say where the machine differs. Raises
    LeftError where the person leaves; then nothing of this call is kept.
    """
    from qc_pipeline.review.blind import asked_blind, blind_decisions, differences
    from qc_pipeline.review.decide import one_decision, take_decisions
    from qc_pipeline.scoring.decisions import DecisionVerdict
    from qc_pipeline.store.card_sources import made_from

    def take(new: Sequence[NewDecision]) -> None:
        decided = take_decisions(record, settings, kept, new)
        follow_up(settings, record, kept, actor, decided)
        show(decided)

    criteria = asked_blind(card)
    at = record.now.isoformat(timespec="seconds")
    print_fitted(t("listen.blind"))
    for number, one in enumerate(criteria, start=1):
        print_fitted(f"  [{number}] {plain(one.title)}")
    chosen = _which(t, len(criteria))
    if chosen is None:
        cause = ask_cause(t, WHOLE_CAUSES)
        take([
            one_decision(
                recording_id=card.recording_id, criterion=None, verdict=DecisionVerdict.INVALID,
                person=actor.name, at=at, points=None, cause=cause, reason="", seen=None,
            )
        ])  # fmt: skip
        return
    call = made_from(record, card).recording
    answers = [
        _answer(t, card, call, one, is_asked=number in chosen, number=number)
        for number, one in enumerate(criteria, start=1)
    ]
    reason = t("listen.blind_reason")
    take(blind_decisions(card, answers, person=actor.name, at=at, usual_reason=reason))
    apart = differences(card, answers)
    print_fitted(t("listen.blind_result", n=len(answers) - len(apart), apart=len(apart)))
    for other in apart:
        said = {
            "title": plain(other.title),
            "person": t(f"blind.{other.person}"),
            "machine": t(f"blind.machine.{other.machine}"),
        }
        print_fitted("  " + t("listen.blind_apart", **said))
    print_fitted(t("listen.done", recording=plain(card.recording_id)))


def _which(t: Translator, count: int) -> frozenset[int] | None:
    """The numbers of the criteria that are not plainly fulfilled; None: nobody can judge it."""
    while True:
        text = ask_line(t("listen.blind_which")).lower()
        if text == "q":
            raise LeftError
        if text == "x":
            return None
        words = [w for w in re.split(r"[\s,，、]+", text) if w]
        if all(w.isdigit() and 1 <= int(w) <= count for w in words):
            return frozenset(map(int, words))


def _answer(
    t: Translator,
    card: Scorecard,
    call: Recording,
    criterion: CriterionResult,
    *,
    is_asked: bool,
    number: int,
) -> BlindAnswer:
    from qc_pipeline.review.blind import BlindAnswer, BlindVerdict, most_of

    if not is_asked:
        return BlindAnswer(criterion=criterion.id, heard=BlindVerdict.FULFILLED)
    most = most_of(card, criterion)
    heads = {"b": BlindVerdict.FAILED, "n": BlindVerdict.NOT_APPLICABLE, "i": BlindVerdict.UNHEARD}
    prompt = t("listen.blind_one", number=number, title=plain(criterion.title), points=f"{most:g}")
    while (answer := ask_line(prompt).lower()[:1]) not in heads:
        if answer == "q":
            raise LeftError
    heard = heads[answer]
    if heard is not BlindVerdict.FAILED:
        return BlindAnswer(criterion=criterion.id, heard=heard, reason=ask_line(t("listen.words")))
    points = ask_points(t, most, most_first=True)
    if not points:
        return BlindAnswer(criterion=criterion.id, heard=BlindVerdict.FULFILLED)
    return BlindAnswer(
        criterion=criterion.id,
        heard=heard,
        points=points,
        place_s=ask_place_if_any(t),
        root=ask_root(t),
        agent=ask_whose(t, call),
        reason=ask_line(t("listen.words")),
    )
