"""One call judged again by another rubric: kept to be looked at, or put in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qc_pipeline.errors import UsageError
from qc_pipeline.review.decide import announce
from qc_pipeline.review.never_worse import refuse_more_deducted
from qc_pipeline.review.published_report import published_cards
from qc_pipeline.review.rejudge import Judge, Rejudged
from qc_pipeline.scoring.judgement import Judgement
from qc_pipeline.scoring.rubric.arithmetic import ArithmeticDifference, arithmetic_differences
from qc_pipeline.scoring.rubric.files import parse_rubric, read_rubric
from qc_pipeline.scoring.rubric.model import Rubric
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
from qc_pipeline.store.appeals import locked_by, locked_sentence
from qc_pipeline.store.decisions import decisions_of
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.publications import Publication, published, refuse_final
from qc_pipeline.store.record import Record
from qc_pipeline.store.rescorings import ADOPTED, WHAT_IF, add_rescoring
from qc_pipeline.store.rubrics import keep_rubric, kept_rubric, kept_rubrics
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.people import Actor
from qc_pipeline.workspace.settings import Settings

if TYPE_CHECKING:
    from qc_pipeline.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionDifference:
    """One criterion in two cards; None where a card does not have it. `why` is the later card's
    reason.
    """

    criterion: str
    title: str
    before: CriterionResult | None
    after: CriterionResult | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescored:
    """Two cards of a call. `kept`: what_if (the later one is in the record, the former in force),
    adopted or corrected (the later one is in force), None where they are the same. `anew` are the
    criteria that were judged again, None where all were. `holding`: what the rule would now give of
    criteria whose decision holds.
    """

    before: Scorecard
    after: Scorecard
    kept: str | None = None
    anew: tuple[str, ...] | None = None
    holding: Mapping[str, Judgement] = field(default_factory=dict)

    @property
    def differences(self) -> tuple[CriterionDifference, ...]:
        return differences(self.before, self.after)


def differences(before: Scorecard, after: Scorecard) -> tuple[CriterionDifference, ...]:
    """The criteria that two cards judge differently, in the order of the later one."""
    old = {c.id: c for c in before.criteria()}
    new = {c.id: c for c in after.criteria()}
    found = []
    for key in [*new, *(k for k in old if k not in new)]:
        a, b = old.get(key), new.get(key)
        if a is not None and b is not None and (a.verdict, a.lost) == (b.verdict, b.lost):
            continue
        shown = b or a
        found.append(
            CriterionDifference(
                criterion=key,
                title="" if shown is None else shown.title,
                before=a,
                after=b,
                why="" if b is None else b.reason,
            )
        )
    return tuple(found)


def arithmetic_between(
    reads: Reads, before: Scorecard, after: Scorecard
) -> tuple[ArithmeticDifference, ...]:
    """How the rubrics of two cards count differently. Raises UsageError where one of them is not in
    the record.
    """
    if before.rubric_sha256 == after.rubric_sha256:
        return ()
    was, now = (
        parse_rubric(
            kept_rubric(reads, card.rubric_sha256), name=f"{card.rubric_id} {card.rubric_version}"
        )
        for card in (before, after)
    )
    return arithmetic_differences(was, now)


def find_rubric_named(record: Reads, name: str) -> Rubric:
    """A rubric by its file, or by the beginning of its hash in the record.

    Raises UsageError where there is none such, InputError for mistakes in a file.
    """
    if Path(name).is_file():
        return read_rubric(Path(name))
    if len(name) >= 6 and set(name) <= set("0123456789abcdef"):
        found = kept_rubrics(record, name)
        if len(found) == 1:
            return parse_rubric(found[0][1], name=found[0][0][:12])
        if found:
            raise UsageError(f"{name}: {len(found)} kept rubrics have hashes that start so")
    raise UsageError(f"{name!r} is neither a rubric file nor the hash of a rubric in the record")


def rubric_then(record: Reads, public: Publication | None, card: Scorecard) -> Rubric:
    """The rubric in force for a call: of its card in the published report, of `card` in a draft.

    Raises UsageError where it is not in the record.
    """
    former = card if public is None else published_cards(record, public)[card.recording_id]
    source = kept_rubric(record, former.rubric_sha256)
    return parse_rubric(source, name=f"{former.rubric_id} {former.rubric_version}")


def look_again(
    record: Record,
    settings: Settings,
    kept: KeptSample,
    card: Scorecard,
    rubric: Rubric | None,
    *,
    person: str,
) -> Rescored:
    """What the card would be now, with the rubric in force then or with another.

    By a rubric that is named, and in a draft, the whole call is judged again; a published card
    without one is carried. A card that differs is kept as a what-if, whose score counts nowhere.
    Raises UsageError where it would judge otherwise what an objection decided.
    """
    period = kept.sample.period
    public = published(record, period)
    chosen = rubric or rubric_then(record, public, card)
    made = _under(record, settings, period, public, card, rubric)
    after = made.card
    if same_but_parent(card, after):
        return Rescored(before=card, after=card, anew=made.anew)
    _refuse_judged_otherwise(record, period, card, after)
    with record.transaction() as tx:
        keep_under(
            tx,
            kept,
            chosen,
            (card, after),
            kind=WHAT_IF,
            person=person,
            reason="",
        )
    return Rescored(before=card, after=after, kept=WHAT_IF, anew=made.anew)


def _under(
    record: Reads,
    settings: Settings,
    period: str,
    public: Publication | None,
    card: Scorecard,
    rubric: Rubric | None,
) -> Rejudged:
    """The card under a rubric that is named, or (None) under the one in force then."""
    kept = decisions_of(record, period, card.recording_id).get(card.recording_id, ())
    decisions = [k.decision for k in kept]
    judge = Judge(record, settings, published=public is not None)
    if public is not None and rubric is None:
        former = published_cards(record, public)[card.recording_id]
        return judge.back_to(former, card, decisions)
    return Rejudged(card=judge.whole(card, decisions, rubric=rubric), anew=None)


def adopt_rubric(
    record: Record,
    settings: Settings,
    kept: KeptSample,
    actor: Actor,
    card: Scorecard,
    rubric: Rubric | None,
    *,
    reason: str,
    notice: str | None = None,
) -> Rescored:
    """Put a call under another rubric (None: back under the one in force then), for good.

    The new card is in force and the old one stays; scoring the period again keeps the choice.
    Raises UsageError without a reason, where a published call would lose points without `notice`,
    where somebody objected to the call and its total would be lower, or an objection to it was
    decided, and where the period is final.
    """
    if not reason.strip():
        raise UsageError("give a reason: --reason TEXT")
    period, recording_id = kept.sample.period, card.recording_id
    with record.transaction(alone=True) as tx:
        refuse_final(tx, period)
        standing = outcomes_of(tx, kept.seq).get(recording_id)
        if not isinstance(standing, Scorecard):
            raise UsageError(f"{recording_id} has no scorecard in {period}")
        refuse_locked(tx, period, recording_id)
        public = published(tx, period)
        chosen = rubric or rubric_then(tx, public, standing)
        made = _under(tx, settings, period, public, standing, rubric)
        after = made.card
        if same_but_parent(standing, after):
            return Rescored(before=standing, after=standing, anew=made.anew)
        if public is not None:
            refuse_more_deducted(tx, period, standing, after, criteria=False)
        keep_under(
            tx,
            kept,
            chosen,
            (standing, after),
            kind=ADOPTED,
            person=actor.name,
            reason=reason,
        )
        announce(
            tx,
            settings,
            public,
            [(standing, after)],
            person=actor.name,
            text=notice,
        )
    return Rescored(before=standing, after=after, kept=ADOPTED, anew=made.anew)


def _refuse_judged_otherwise(
    reads: Reads, period: str, before: Scorecard, after: Scorecard
) -> None:
    """Raises UsageError where two cards of a call judge differently what objections decided."""
    locked = locked_by(reads, period, before.recording_id)
    changed = {d.criterion for d in differences(before, after)}
    own = [o for (_, criterion), o in locked.items() if criterion in changed]
    if own:
        told = "; ".join(map(locked_sentence, own))
        raise UsageError(f"{before.recording_id} is not judged otherwise: {told}")


def refuse_locked(reads: Reads, period: str, recording_id: str) -> None:
    """Raises UsageError where objections to a call were decided: it is not judged as a whole."""
    locked = locked_by(reads, period, recording_id)
    if locked:
        told = "; ".join(map(locked_sentence, locked.values()))
        raise UsageError(f"{recording_id} is not judged by another rubric: {told}")


def same_but_parent(before: Scorecard, after: Scorecard) -> bool:
    """Whether two cards say the same of the same things."""
    return replace(after, parent=before.parent).sha256() == before.sha256()


def keep_under(
    tx: Transaction,
    kept: KeptSample,
    rubric: Rubric,
    cards: tuple[Scorecard, Scorecard],
    *,
    kind: str,
    person: str,
    reason: str,
) -> None:
    """Keep the later of two cards (before, after) of a call, judged by `rubric`, and the rubric
    whole beside it."""
    before, after = cards
    keep_rubric(tx, source=rubric.source, rubric_id=rubric.rubric, version=rubric.version)
    add_rescoring(
        tx,
        period=kept.sample.period,
        sample_seq=kept.seq,
        kind=kind,
        person=person,
        before=before,
        after=after,
        reason=reason,
    )
