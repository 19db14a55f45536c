"""What the record tells a draw: earlier scores, agents' means, whose month's quota is how full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from qc_pipeline.report.weighting import personal_weights
from qc_pipeline.sampling.history import EarlierScore, History
from qc_pipeline.sampling.period import Period, parse_period
from qc_pipeline.sampling.quota import month_of
from qc_pipeline.scoring.listened import is_listened
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.outcomes import OutcomeRow, outcome_rows_of, with_cards
from qc_pipeline.store.publications import published
from qc_pipeline.store.samples import KeptSample, drawn_periods, kept_samples
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.listening import measured_speed
from qc_pipeline.workspace.open_workspace import Workspace

HISTORY_PERIODS = 12


def history_of(workspace: Workspace, record: Reads, period: Period) -> History:
    """What the periods before this one tell a draw, and how fast the model was measured to be.

    An agent's mean is that of the last period as its report has it: of listened calls alone.
    """
    scores: list[EarlierScore] = []
    periods = [p for p in drawn_periods(record) if p[2] < period.start]
    recent = [name for name, _, _ in periods][-HISTORY_PERIODS:]
    month = [name for name, _, _ in periods if _same_month(parse_period(name), period)]
    wanted = sorted({*recent, *month})
    samples = kept_samples(record, wanted) if wanted else {}
    standing = outcome_rows_of(record, [kept.seq for kept in samples.values()]) if samples else {}
    for name in recent:
        if name not in samples:
            continue
        kept = samples[name]
        outcomes = standing.get(kept.seq, {})
        cells = {row.stratum: row.merged_from for row in kept.sample.strata}
        for pick in kept.sample.picks:
            card = outcomes.get(pick.recording_id)
            if pick.origin != "drawn" or card is None or card.total is None:
                continue
            scores.append(
                EarlierScore(
                    stratum=pick.stratum, total=card.total, cells=cells.get(pick.stratum, ())
                )
            )
    last = samples.get(recent[-1]) if recent else None
    return History(
        scores=tuple(scores),
        agent_means={} if last is None else _listened_means(record, last, standing),
        heard=_heard_this_month(record, {k: v for k, v in samples.items() if k in month}, standing),
        machine_s_an_hour=measured_speed(workspace.settings.asr, workspace.root, record),
    )


def _same_month(earlier: Period, period: Period) -> bool:
    month = month_of(period)
    return month is not None and month_of(earlier) == month


def _listened(
    record: Reads, kept: KeptSample, standing: Mapping[int, Mapping[str, OutcomeRow]]
) -> dict[str, Scorecard]:
    """The cards of the calls that make personal scores and were listened to, by recording."""
    own = {p.recording_id for p in kept.sample.picks if p.personal and p.agent_id}
    rows = {k: r for k, r in standing.get(kept.seq, {}).items() if k in own}
    return {
        k: card
        for k, card in with_cards(record, rows).items()
        if isinstance(card, Scorecard) and is_listened(card)
    }


def _listened_means(
    record: Reads, kept: KeptSample, standing: Mapping[int, Mapping[str, OutcomeRow]]
) -> dict[str, float]:
    """Agents' means of a period as the report has them: of listened calls alone, each by its
    chance of being one.
    """
    picks = {p.recording_id: p for p in kept.sample.picks}
    by_agent: dict[str, list[tuple[float, float | None]]] = {}
    for recording_id, card in _listened(record, kept, standing).items():
        pick = picks[recording_id]
        if pick.agent_id is not None and card.total is not None:
            one = (card.total, pick.personal_chance)
            by_agent.setdefault(pick.agent_id, []).append(one)
    means: dict[str, float] = {}
    for agent, made in sorted(by_agent.items()):
        weights = personal_weights([chance for _, chance in made])
        whole = sum(w * total for w, (total, _) in zip(weights, made, strict=True))
        means[agent] = whole / sum(weights)
    return means


def _heard_this_month(
    record: Reads,
    samples: Mapping[str, KeptSample],
    standing: Mapping[int, Mapping[str, OutcomeRow]],
) -> Mapping[str, float]:
    """Randomly drawn calls by agent that count for the month's quota, of the month's earlier
    periods: those that were listened to, and, while a period is not published, those that still
    can be.
    """
    heard: Counter[str] = Counter()
    for name, kept in samples.items():
        own = {p.recording_id: p.agent_id for p in kept.sample.picks if p.personal and p.agent_id}
        if published(record, name) is None:
            heard.update(own.values())
        else:
            heard.update(own[k] for k in _listened(record, kept, standing))
    return {agent: float(n) for agent, n in sorted(heard.items())}
