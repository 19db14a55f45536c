"""An objection decided at the terminal: evidence, then the answer, then what it changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from qc_pipeline.cli.card_text import clock, plain
from qc_pipeline.cli.review_ask import ask_line
from qc_pipeline.cli.wrap import print_fitted
from qc_pipeline.report.words.translate import Translator

if TYPE_CHECKING:
    from qc_pipeline.cases.appeals.effect import AppealEffect
    from qc_pipeline.store.appeals import KeptAppeal
    from qc_pipeline.store.record import Record
    from qc_pipeline.workspace.people import Actor
    from qc_pipeline.workspace.settings import Settings

OUTCOMES = {"w": "rejected", "c": "upheld", "g": "partly"}
AROUND_S = 20.0
"""Seconds of talk before and after the place that are shown with it."""


def ask_answer(
    settings: Settings, record: Record, actor: Actor, number: int, t: Translator
) -> tuple[KeptAppeal, AppealEffect] | None:
    """Ask for an answer and keep it; no score is shown before. Who sees what it changes may take it
    back once, which the audit tells. None where the person leaves.
    """
    from qc_pipeline.cases.appeals.workflow import decide_appeal, find_appeal, preview_appeal

    objection = find_appeal(record, number)
    for line in _evidence(settings, record, objection, t):
        print_fitted(line)
    answer = _ask(record, objection, t)
    if answer is None:
        print_fitted(t("appeal_ask.left"))
        return None
    effect = preview_appeal(record, settings, actor, number, **answer)
    for line in effect.lines(t):
        print_fitted(line)
    if ask_line(t("appeal_ask.keep")).lower() == "u":
        answer = _ask(record, objection, t)
        if answer is None:
            print_fitted(t("appeal_ask.left"))
            return None
    return decide_appeal(record, settings, actor, number, **answer)


def _evidence(
    settings: Settings, record: Record, objection: KeptAppeal, t: Translator
) -> Iterator[str]:
    """What was objected to and why, where the recording lies, and the words around the place."""
    from qc_pipeline.cases.appeals.policy import instance_of
    from qc_pipeline.store.card_sources import made_from
    from qc_pipeline.store.decisions import cards_by_hash
    from qc_pipeline.text.masked_words import masked
    from qc_pipeline.text.masking.mask import NO_NAMES, mask

    card = cards_by_hash(record, [objection.card])[objection.card]
    result = next(c for c in card.criteria() if c.id == objection.criterion)
    record.tell("look.objection", {"objection": objection.number})
    second = t("appeal_ask.second") if instance_of(record, objection) > 1 else ""
    yield t(
        "appeal_ask.claim",
        n=objection.number,
        second=second,
        recording=plain(objection.recording_id),
        title=plain(result.title),
        points=f"{result.points:g}",
        who=plain(objection.person),
        reason=plain(mask(objection.reason)),
    )
    yield t("appeal_ask.due", due=objection.due)
    yield f"  {plain(mask(result.reason))}"
    source = made_from(record, card)
    if source.recording.path is not None:
        yield plain(str(settings.recordings_root / source.recording.path))
    places = [(e.start_s - AROUND_S, e.end_s + AROUND_S) for e in result.evidence]
    words = masked(source.transcript, NO_NAMES)
    for turn, text in zip(source.transcript.turns, words.texts, strict=True):
        if not places or any(turn.start_s <= end and turn.end_s >= start for start, end in places):
            yield plain(f"  {clock(turn.start_s)} {t(f'speaker.{turn.speaker}')}  {text}")


def _ask(record: Record, objection: KeptAppeal, t: Translator) -> dict[str, Any] | None:
    from qc_pipeline.cli.listen_questions import ITEM_CAUSES, ask_cause
    from qc_pipeline.scoring.decisions import Cause
    from qc_pipeline.store.appeals import CORRECTION
    from qc_pipeline.store.decisions import cards_by_hash

    free = objection.kind == CORRECTION
    allowed = "wc" if free else "wcg"
    prompt = t("appeal_ask.choose_free" if free else "appeal_ask.choose")
    while (chosen := ask_line(prompt).lower()[:1]) not in (*allowed, "q"):
        pass
    if chosen == "q":
        return None
    card = cards_by_hash(record, [objection.card])[objection.card]
    lost = next(c.lost for c in card.criteria() if c.id == objection.criterion)
    points = _points(t, lost) if chosen == "g" else None
    while not (reason := ask_line(t("appeal_ask.reason"))):
        pass
    cause = None if chosen == "w" else Cause(ask_cause(t, ITEM_CAUSES))
    return {"outcome": OUTCOMES[chosen], "points": points, "reason": reason, "cause": cause}


def _points(t: Translator, lost: float) -> float:
    while True:
        try:
            points = float(ask_line(t("appeal_ask.points", most=f"{lost:g}")))
        except ValueError:
            continue
        if 0 < points < lost:
            return points
