"""How a rubric does in this centre: what its criteria have proved, miss and find, by the record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from qc_pipeline.job.first_looks import CriterionLooks, FirstLooks, first_looks
from qc_pipeline.scoring.compile import CompiledRubric
from qc_pipeline.scoring.coverage import CriterionCoverage, coverage, objections_by_criterion
from qc_pipeline.scoring.criterion_identity import identities_of
from qc_pipeline.scoring.decisions import Decision
from qc_pipeline.scoring.earned import Earned
from qc_pipeline.scoring.rubric.model import Rubric
from qc_pipeline.scoring.score import ENGINE_VERSION
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.automatic import KeptAutomatic, standing_automatic
from qc_pipeline.store.card_sources import transcripts_of
from qc_pipeline.store.decisions import cards_by_rules, decisions_of
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.samples import drawn_periods, kept_samples
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionStanding:
    """What a criterion has earned, by which looks, and the record that it is automatic (`since`;
    None where it is not).
    """

    looks: CriterionLooks
    earned: Earned
    since: KeptAutomatic | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricHealth:
    """A rubric over kept periods. The proof goes over all of them; `rows` count the machine's own
    cards of `periods` that this very version made (`calls`), not the `other_calls` of another.
    """

    rubric: Rubric
    periods: tuple[str, ...]
    calls: int
    other_calls: int
    looks: FirstLooks
    standings: Mapping[str, CriterionStanding]
    rows: tuple[CriterionCoverage, ...]


def health_of(
    record: Reads,
    settings: Settings,
    ready: CompiledRubric,
    *,
    periods: Collection[str] | None = None,
) -> RubricHealth:
    """A rubric's health by the periods named, or all that were drawn. What nobody wrote down is not
    made up: a rubric that judged no call has rows of zeros.
    """
    rubric = ready.rubric
    names = [n for n, _, _ in drawn_periods(record) if periods is None or n in periods]
    kept = kept_samples(record, names)
    cards: list[Scorecard] = []
    taken: dict[str, list[Decision]] = defaultdict(list)
    answered: list[tuple[Decision, int | None]] = []
    other = 0
    for name in names:
        standing = {
            k: card
            for k, card in outcomes_of(record, kept[name].seq).items()
            if isinstance(card, Scorecard) and card.rubric_id == rubric.rubric
        }
        own = {k: c for k, c in standing.items() if c.rubric_sha256 == rubric.sha256}
        other += len(standing) - len(own)
        own |= cards_by_rules(record, own)
        cards += own.values()
        for recording_id, decided in decisions_of(record, name).items():
            if recording_id in own:
                taken[recording_id] += [k.decision for k in decided]
                answered += [(k.decision, k.objection) for k in decided]
    looks = first_looks(record, settings, ready)
    return RubricHealth(
        rubric=rubric,
        periods=tuple(names),
        calls=len(cards),
        other_calls=other,
        looks=looks,
        standings=standings(record, rubric, looks),
        rows=coverage(
            ready,
            cards,
            transcripts_of(record, (c.transcript_sha256 for c in cards)),
            taken,
            objections_by_criterion(answered),
        ),
    )


def standings(record: Reads, rubric: Rubric, looks: FirstLooks) -> Mapping[str, CriterionStanding]:
    """What every criterion of a rubric has earned, and what of it was recorded, by its id."""
    names = identities_of(rubric)
    rows = {
        r.identity: r
        for r in standing_automatic(record)
        if (r.model_sha256, r.engine) == (looks.model_sha256, ENGINE_VERSION)
    }
    return {
        c.id: CriterionStanding(
            looks=looks.criteria[c.id], earned=looks.earned(c), since=rows.get(names[c.id])
        )
        for c in rubric.criteria()
    }
