"""What `qc model try` measured of models: rows are added, the newest of a model counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qc_pipeline.store import contents
from qc_pipeline.store.tables import model_trials
from qc_pipeline.store.transaction import Reads, Transaction

KIND = "model-trial"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTrial:
    """A trial of a model, by the hash of its files, on calls in one language.

    `doubtful_below` and `least_confidence` are the bounds in force from then on (confidences in
    [0, 1]); `fitness` is fit, sampling_only or unfit. `body` names the calls and holds the figures.
    """

    number: int
    model_sha256: str
    language: str
    period: str
    person: str
    on_behalf_of: str | None
    at: str
    fitness: str
    doubtful_below: float
    least_confidence: float
    body_sha256: str


def keep_trial(
    tx: Transaction,
    *,
    model_sha256: str,
    language: str,
    period: str,
    person: str,
    fitness: str,
    doubtful_below: float,
    least_confidence: float,
    body: Mapping[str, Any],
) -> int:
    """Keep a trial, whose bounds are in force from now on; returns its number."""
    row = tx.insert(
        model_trials,
        model_sha256=model_sha256,
        language=language,
        period=period,
        person=person,
        on_behalf_of=tx.on_behalf_of,
        at=tx.now.isoformat(timespec="seconds"),
        fitness=fitness,
        doubtful_below=doubtful_below,
        least_confidence=least_confidence,
        body_sha256=contents.put_json(tx.connection, KIND, body),
    )
    tx.note(
        "model.try",
        {
            "trial": int(row.seq),
            "model_sha256": model_sha256,
            "language": language,
            "period": period,
            "fitness": fitness,
            "doubtful_below": doubtful_below,
            "least_confidence": least_confidence,
        },
    )
    return int(row.seq)


def trials_of(reads: Reads, model_sha256: str | None = None) -> tuple[KeptTrial, ...]:
    """All trials, of one model where it is named, the newest first."""
    query = sa.select(model_trials).order_by(model_trials.c.seq.desc())
    if model_sha256 is not None:
        query = query.where(model_trials.c.model_sha256 == model_sha256)
    with reads.reading() as connection:
        rows = connection.execute(query).all()
    return tuple(
        KeptTrial(
            number=row.seq,
            model_sha256=row.model_sha256,
            language=row.language,
            period=row.period,
            person=row.person,
            on_behalf_of=row.on_behalf_of,
            at=row.at,
            fitness=row.fitness,
            doubtful_below=row.doubtful_below,
            least_confidence=row.least_confidence,
            body_sha256=row.body_sha256,
        )
        for row in rows
    )


def trial_body(reads: Reads, trial: KeptTrial) -> Mapping[str, Any]:
    """The calls and figures of a trial."""
    with reads.reading() as connection:
        body: Mapping[str, Any] = contents.get_json(connection, trial.body_sha256)
        return body
