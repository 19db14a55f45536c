"""附一、坐席情况: personal figures where there are enough calls, and composed assessments."""

from __future__ import annotations

from collections.abc import Sequence

from qc_pipeline.intake.tables import LISTENING
from qc_pipeline.report.blocks import Block, Cell, Column, SectionView, Sentence, TableBlock
from qc_pipeline.report.counts import count
from qc_pipeline.report.model import (
    Call,
    Personal,
    ReportModel,
    agent_key,
    agent_label,
    natural_key,
)
from qc_pipeline.report.words.stage import month_rests_on, resting_on


def build(model: ReportModel) -> tuple[SectionView, ...]:
    t = model.words
    if not model.audience.names_agents or not model.audience.sees_groups:
        return ()
    agents = agents_shown(model)
    if not agents:
        return ()
    rows = tuple(_row(model, a, calls) for a, calls in agents)
    ranked = sum(isinstance(r[4], float) for r in rows)
    blocks: list[Block] = [
        Sentence(
            text=t(
                "agents_sentence",
                n=len(rows),
                enough=ranked,
                least=model.inputs.options.agent_least_calls,
            )
        ),
        TableBlock(
            id="agents",
            title=t("agents_title"),
            columns=(
                Column(key="agent", label=t("col_agent")),
                Column(key="team", label=t("col_team")),
                Column(key="calls", label=t("col_counted"), kind="int"),
                Column(key="relisten", label=t("col_relisten"), kind="int"),
                Column(key="mean", label=t("col_mean"), kind="score"),
                Column(key="targeted", label=t("col_targeted"), kind="int"),
                Column(key="month_calls", label=t("col_month_calls"), kind="int"),
                Column(key="month_relisten", label=t("col_month_relisten"), kind="int"),
                Column(key="month_mean", label=t("col_month_mean"), kind="score"),
                Column(key="lost_most", label=t("col_lost_most")),
            ),
            rows=rows,
            links=tuple(f"agents/{agent_key(a)}.html" for a, _ in agents),
            open_rows=20,
            search=True,
            filters=("team",),
            note=t.gap.join(
                [
                    t("agents_note", least=model.inputs.options.agent_least_calls),
                    month_rests_on(model.inputs, t),
                    *([t("agents_weighted")] if model.weighted else []),
                ]
            ),
        ),
    ]
    composed = composed_table(model, agents)
    if composed is not None:
        blocks.append(composed)
    return (
        SectionView(
            id="people",
            heading=t("agents_heading"),
            level=2,
            blocks=tuple(blocks),
            short=t("nav_agents"),
        ),
    )


def agents_shown(model: ReportModel) -> list[tuple[str, list[Call]]]:
    """Agents with a scored ordinary call the audience sees, by team and number."""
    found: dict[str, list[Call]] = {}
    for call in model.shown:
        if call.agent_id is not None and not call.recording.mystery:
            found.setdefault(call.agent_id, []).append(call)
    return sorted(found.items(), key=lambda a: (natural_key(a[1][0].team), natural_key(a[0])))


def personal_mean(model: ReportModel, own: Personal) -> float | str:
    """The mean of the counted calls that a person listened to, each by its weight; under the
    month's number of them there are too few to speak of a person."""
    mean = own.mean
    if mean is None or len(own.totals) < model.inputs.options.agent_least_calls:
        return model.words("too_few", n=len(own.totals))
    return mean


def _row(model: ReportModel, agent_id: str, calls: Sequence[Call]) -> tuple[Cell, ...]:
    counted = [c for c in calls if c.counted]
    period, month = model.personal(calls), model.month.get(agent_id, Personal())
    lost = count([c for c in counted if c.listened])
    worst = sorted((c for c in lost if lost[c].lost > 0), key=lambda c: (-lost[c].lost, c))[:2]
    return (
        agent_label(calls[0].recording),
        calls[0].team,
        len(counted),
        len(period.totals),
        personal_mean(model, period),
        sum(c.listened and c.pick.relisten_part == "targeted" for c in counted),
        month.counted,
        len(month.totals),
        personal_mean(model, month),
        model.words.listed([model.title(c) for c in worst]),
    )


def composed_table(
    model: ReportModel, agents: Sequence[tuple[str, list[Call]]], *, sheet: bool = True
) -> TableBlock | None:
    """综合考评: several marks by weights, with their parts; without a part there is no sum.

    None where nobody of `agents` has marks. `sheet` False keeps it out of the workbook.
    """
    t, marks = model.words, model.inputs.marks
    if not marks:
        return None
    sources = sorted({m.source for m in marks})
    rows: list[tuple[Cell, ...]] = []
    for agent_id, calls in agents:
        own = {m.source: m for m in marks if m.agent_id == agent_id}
        if not own:
            continue
        parts: list[Cell] = []
        total, weights, missing = 0.0, 0.0, False
        for source in sources:
            mark = own.get(source)
            value: Cell = None if mark is None else mark.value
            if mark is not None and source in LISTENING and mark.value is None:
                value = personal_mean(model, model.personal(calls))
                if isinstance(value, str):
                    value = personal_mean(model, model.month.get(agent_id, Personal()))
            parts.append(value)
            if mark is not None and isinstance(value, int | float):
                total += mark.weight * value
                weights += mark.weight
            elif mark is not None:
                missing = True
        whole = None if missing or not weights else total / weights
        rows.append((agent_label(calls[0].recording), *parts, whole))
    if not rows:
        return None
    weight_of = {s: next(m.weight for m in marks if m.source == s) for s in sources}
    return TableBlock(
        id="composed",
        title=t("composed_title"),
        columns=(
            Column(key="agent", label=t("col_agent")),
            *(
                Column(key=f"part{i}", label=f"{s} ×{weight_of[s]:g}", kind="score")
                for i, s in enumerate(sources, start=1)
            ),
            Column(key="sum", label=t("col_composed"), kind="score"),
        ),
        rows=tuple(rows),
        sheet=sheet,
        note=t.gap.join(
            [
                resting_on(model.inputs, t),
                t("composed_note"),
                month_rests_on(model.inputs, t),
            ]
        ),
    )
