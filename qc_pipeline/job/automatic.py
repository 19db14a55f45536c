"""Criteria made automatic, taken back by somebody or because they fell, and stopped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qc_pipeline.call import content_sha256
from qc_pipeline.errors import UsageError, did_you_mean
from qc_pipeline.job.first_looks import FirstLooks, first_looks
from qc_pipeline.scoring.compile import CompiledRubric, compile_rubric
from qc_pipeline.scoring.criterion_identity import identities_of
from qc_pipeline.scoring.earned import PROOF, PROOF_STOOD, STOP_WITHIN, Autonomy, Earned
from qc_pipeline.scoring.rubric.model import Criterion, Rubric
from qc_pipeline.scoring.score import ENGINE_VERSION
from qc_pipeline.store.automatic import (
    FELL,
    OFF,
    ON,
    STOPPED,
    KeptAutomatic,
    keep_automatic,
    rows_in_force,
    standing_automatic,
)
from qc_pipeline.store.cache import Cache
from qc_pipeline.store.decisions import Looked
from qc_pipeline.store.record import Record
from qc_pipeline.workspace.open_workspace import RubricShelf
from qc_pipeline.workspace.people import Actor
from qc_pipeline.workspace.settings import Settings

REFUTED = "refuted"
"""In the cache: what people had decided when a rubric's criteria were last asked about."""

THE_PROGRAM = "qc"
"""Who takes back what fell: nobody decides that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallen:
    """A criterion that decides by itself no more, and how it stands now."""

    row: KeptAutomatic
    title: str
    earned: Earned


def figures_json(earned: Earned) -> dict[str, Any]:
    """What a proof says, as it is kept and told."""
    return {
        "standing": str(earned.standing),
        "decided": earned.decided,
        "stood": earned.stood,
        "more": earned.more,
        "failed": earned.failed,
        "relapses": earned.relapses,
    }


def find_criterion(rubric: Rubric, name: str) -> Criterion:
    """Raises UsageError where the rubric has none of this name."""
    for criterion in rubric.criteria():
        if criterion.id == name:
            return criterion
    hint = did_you_mean(name, [c.id for c in rubric.criteria()])
    raise UsageError(f"{rubric.rubric} has no criterion {name!r}" + (f" – {hint}" if hint else ""))


def make_automatic(
    record: Record, settings: Settings, ready: CompiledRubric, criterion: Criterion, actor: Actor
) -> Earned:
    """Record that a criterion decides by itself from now on. Raises UsageError, with the figures,
    where it has not earned that, or never can.
    """
    looks = first_looks(record, settings, ready)
    earned = looks.earned(criterion)
    if earned.standing is not Autonomy.AUTOMATIC or looks.model_sha256 is None:
        raise UsageError(f"{criterion.id} stays a person's: {why_not(criterion, earned, looks)}")
    _keep(
        record,
        ready.rubric,
        criterion.id,
        model_sha256=looks.model_sha256,
        state=ON,
        person=actor.name,
        body=figures_json(earned),
    )
    return earned


def take_back(
    record: Record, rubric: Rubric, criterion: Criterion, actor: Actor, reason: str
) -> int:
    """Record that a criterion decides by itself no more, with whatever model; returns how many
    rows that ends. Raises UsageError where it does not.
    """
    rows = [
        r
        for r in standing_automatic(record)
        if (r.rubric, r.criterion) == (rubric.rubric, criterion.id)
    ]
    if not rows:
        raise UsageError(
            f"{criterion.id} of {rubric.rubric} is not automatic: nothing to take back"
        )
    for row in rows:
        _end(record, row, state=OFF, person=actor.name, body={"reason": reason})
    return len(rows)


def take_back_fallen(
    record: Record, settings: Settings, shelf: RubricShelf, standing: Sequence[KeptAutomatic]
) -> tuple[Fallen, ...]:
    """Of the rows that are in force take back those whose criterion fell since below what it had
    proved, and return them. A criterion whose list changed is another one: what was recorded of
    the former has no effect on it.
    """
    fallen: list[Fallen] = []
    rows = [r for r in standing if r.engine == ENGINE_VERSION]
    ready: dict[str, CompiledRubric] = {}
    looks: dict[tuple[str, str], FirstLooks] = {}
    for row in rows:
        rubric = _with_identity(shelf, row)
        if rubric is None:
            continue
        if rubric.sha256 not in ready:
            ready[rubric.sha256] = compile_rubric(rubric)
        key = (rubric.sha256, row.model_sha256)
        if key not in looks:
            looks[key] = first_looks(
                record, settings, ready[rubric.sha256], model_sha256=row.model_sha256
            )
        criterion = find_criterion(rubric, row.criterion)
        earned = looks[key].earned(criterion)
        if earned.relapses > row.body["relapses"] or earned.standing is Autonomy.STOPPED:
            state = STOPPED if earned.standing is Autonomy.STOPPED else FELL
            _end(record, row, state=state, person=THE_PROGRAM, body=figures_json(earned))
            fallen.append(Fallen(row=row, title=criterion.title, earned=earned))
    return tuple(fallen)


def stop_refuted(
    record: Record, settings: Settings, rubrics: Iterable[Rubric], looked: Looked, cache: Cache
) -> tuple[tuple[Rubric, Criterion], ...]:
    """Record that criteria are stopped of which people's looks say so, and return them: from now on
    what they find is only held. Nothing is looked up that was, since people last `looked`.
    """
    found: list[tuple[Rubric, Criterion]] = []
    for rubric in rubrics:
        key = content_sha256([looked, rubric.sha256, ENGINE_VERSION])
        if looked.decided < STOP_WITHIN or cache.get(REFUTED, [key]):
            continue
        looks = first_looks(record, settings, compile_rubric(rubric))
        model = looks.model_sha256
        if model is not None:
            found += [(rubric, one) for one in _stop(record, rubric, looks, model)]
        cache.put(REFUTED, {key: True})
    return tuple(found)


def _stop(
    record: Record, rubric: Rubric, looks: FirstLooks, model_sha256: str
) -> Iterator[Criterion]:
    """Record the criteria of a rubric that are refuted and not recorded so; which these are."""
    names = identities_of(rubric)
    stopped = {
        r.identity
        for r in rows_in_force(record)
        if (r.model_sha256, r.engine, r.state) == (model_sha256, ENGINE_VERSION, STOPPED)
    }
    for criterion in rubric.criteria():
        earned = looks.earned(criterion)
        if earned.standing is Autonomy.STOPPED and names[criterion.id] not in stopped:
            _keep(
                record,
                rubric,
                criterion.id,
                model_sha256=model_sha256,
                state=STOPPED,
                person=THE_PROGRAM,
                body=figures_json(earned),
            )
            yield criterion


def why_not(criterion: Criterion, earned: Earned, looks: FirstLooks) -> str:
    """Why a criterion does not decide by itself, with its figures."""
    so_far = f"{earned.stood} of {earned.decided} first looks stood"
    match earned.standing:
        case Autonomy.PERSON:
            return (
                "人工确认项 – red lines, major items, five points and more, what is judged by hand "
                "or only held is never automatic"
            )
        case Autonomy.TRIAL:
            return "试运行 – it is on trial and costs nothing"
        case Autonomy.STOPPED:
            return f"停用，先改规则 – {so_far}, 4 of 10 in a row did not; change its rule first"
        case Autonomy.AUTOMATIC:
            return "the words come from elsewhere and name no model, so a change would not show"
        case Autonomy.UNPROVEN:
            pass
    if earned.failed:
        return (
            f"待验证 – of the first {PROOF} fewer than {PROOF_STOOD} stood ({so_far}); "
            "change its rule first"
        )
    again = f", after {earned.relapses} relapses" if earned.relapses else ""
    return (
        f"待验证 – {so_far}{again}; {PROOF_STOOD} of {PROOF} are asked for, {earned.more} more "
        f"are to be decided ({looks.calls} listened calls drawn at random)"
    )


def _with_identity(shelf: RubricShelf, row: KeptAutomatic) -> Rubric | None:
    """The newest version of the row's rubric that has the criterion as it was."""
    for rubric in reversed(shelf.of_id(row.rubric)):
        if identities_of(rubric).get(row.criterion) == row.identity:
            return rubric
    return None


def _keep(
    record: Record,
    rubric: Rubric,
    criterion: str,
    *,
    model_sha256: str,
    state: str,
    person: str,
    body: Mapping[str, Any],
) -> None:
    with record.transaction() as tx:
        keep_automatic(
            tx,
            rubric=rubric.rubric,
            criterion=criterion,
            identity=identities_of(rubric)[criterion],
            model_sha256=model_sha256,
            engine=ENGINE_VERSION,
            state=state,
            person=person,
            body=body,
        )


def _end(
    record: Record, row: KeptAutomatic, *, state: str, person: str, body: Mapping[str, Any]
) -> None:
    with record.transaction() as tx:
        keep_automatic(
            tx,
            rubric=row.rubric,
            criterion=row.criterion,
            identity=row.identity,
            model_sha256=row.model_sha256,
            engine=row.engine,
            state=state,
            person=person,
            body=body,
        )
