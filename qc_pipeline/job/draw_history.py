"""What the record tells a draw: earlier scores, agents' means, whose month's quota is how full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

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

    An agent's mean is that of the calls of the last period that make personal scores.
    """
    scores: list[EarlierScore] = []
    means: dict[str, list[float]] = {}
    earlier = [name for name, _, end in drawn_periods(record) if end < period.start]
    samples = kept_samples(record, earlier[-HISTORY_PERIODS:]) if earlier else {}
    standing = outcome_rows_of(record, [kept.seq for kept in samples.values()]) if samples else {}
    for name in earlier[-HISTORY_PERIODS:]:
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
            if name == earlier[-1] and pick.agent_id and pick.personal:
                means.setdefault(pick.agent_id, []).append(card.total)
    return History(
        scores=tuple(scores),
        agent_means={a: sum(v) / len(v) for a, v in sorted(means.items())},
        heard=_heard_this_month(record, period, samples, standing),
        machine_s_an_hour=measured_speed(workspace.settings.asr, workspace.root, record),
    )


def _heard_this_month(
    record: Reads,
    period: Period,
    samples: Mapping[str, KeptSample],
    standing: Mapping[int, Mapping[str, OutcomeRow]],
) -> Mapping[str, float]:
    """Randomly drawn calls by agent that count for the month's quota: of earlier periods of the
    month those that were listened to, and, while a period is not published, those that still can
    be.
    """
    month = month_of(period)
    heard: Counter[str] = Counter()
    for name, kept in samples.items():
        if month is None or month_of(parse_period(name)) != month:
            continue
        own = {p.recording_id: p.agent_id for p in kept.sample.picks if p.personal and p.agent_id}
        if published(record, name) is None:
            heard.update(own.values())
            continue
        rows = {k: r for k, r in standing.get(kept.seq, {}).items() if k in own}
        cards = with_cards(record, rows)
        heard.update(
            own[k] for k, card in cards.items() if isinstance(card, Scorecard) and is_listened(card)
        )
    return {agent: float(n) for agent, n in sorted(heard.items())}
