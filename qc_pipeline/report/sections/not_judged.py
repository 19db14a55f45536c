"""未评: calls of which too little was heard, by group and agent, with an alarm where they pile up.

A call that is not judged drops out of every mean. Where one group's or one agent's calls do so far
more often than others', somebody has to look why: a headset, a line, or a way out of inspection.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qc_pipeline.report import formats, stats
from qc_pipeline.report.blocks import Block, Cell, Column, Sentence, TableBlock
from qc_pipeline.report.model import Call, ReportModel, agent_label, natural_key

ALARM_TIMES = 2.0
"""An alarm from so many times the centre's share on (docs/trust.md, "Heard")."""
ALARM_LEAST_CALLS = 3
"""Fewer calls that are not judged are chance."""


def is_alarming(not_judged: int, share: float | None, centre: float | None) -> bool:
    """Whether so many calls, that share of somebody's, are too many beside the centre's share."""
    if share is None or centre is None or not_judged < ALARM_LEAST_CALLS:
        return False
    return share >= ALARM_TIMES * centre - 1e-12


def not_judged_blocks(model: ReportModel) -> list[Block]:
    """What is said of calls that are not judged; nothing where there are none."""
    t = model.words
    ordinary = [c for c in model.scored if not c.recording.mystery]
    everybody = _figures(ordinary)
    is_published = model.inputs.is_public
    if not everybody[1]:
        return []
    teams = [
        (team, *_row([c for c in ordinary if c.team == team], everybody, model))
        for team in model.teams
    ]
    blocks: list[Block] = [
        Sentence(
            text=t(
                "not_judged_sentence_closed" if is_published else "not_judged_sentence",
                n=everybody[1],
                heard=everybody[0],
                share=formats.percent(everybody[2]),
            ),
            tone="warn",
        )
    ]
    agents = _agents(model, ordinary, everybody)
    alarming = [str(row[0]) for row in (*teams, *agents) if row[-1]]
    if alarming:
        blocks.append(Sentence(text=t("not_judged_alarms", who=t.listed(alarming)), tone="warn"))
    blocks.append(
        TableBlock(
            id="not-judged-teams",
            title=t("not_judged_teams"),
            columns=(Column(key="team", label=t("col_team")), *_columns(model)),
            rows=tuple(teams),
            total=(t("everybody"), *everybody, ""),
            note=t("not_judged_note", least=ALARM_LEAST_CALLS),
        )
    )
    if agents:
        blocks.append(
            TableBlock(
                id="not-judged-agents",
                title=t("not_judged_agents"),
                columns=(
                    Column(key="agent", label=t("col_agent")),
                    Column(key="team", label=t("col_team")),
                    *_columns(model),
                ),
                rows=agents,
                open_rows=20,
            )
        )
    return blocks


def too_short_blocks(model: ReportModel) -> list[Block]:
    """How many calls were too short, and in how many of them something was found."""
    short = [c for c in model.scored if c.lacks_talk and not c.recording.mystery]
    if not short:
        return []
    found = sum(any(r.proposed for r in c.results) for c in short)
    key = "too_short_sentence" if found else "too_short_sentence_none"
    return [Sentence(text=model.words(key, n=len(short), found=found))]


def _columns(model: ReportModel) -> tuple[Column, ...]:
    t = model.words
    return (
        Column(key="calls", label=t("col_heard_calls"), kind="int"),
        Column(key="not_judged", label=t("not_judged_calls"), kind="int"),
        Column(key="share", label=t("col_not_judged_share"), kind="percent"),
        Column(key="alarm", label=t("col_alarm")),
    )


def _figures(calls: Sequence[Call]) -> tuple[int, int, float | None]:
    """Calls with a card, how many of them are not judged, and their share."""
    unheard = sum(c.unjudged for c in calls)
    return len(calls), unheard, stats.share(unheard, len(calls))


def _row(
    calls: Sequence[Call], everybody: tuple[int, int, float | None], model: ReportModel
) -> tuple[Cell, ...]:
    heard, unheard, share = _figures(calls)
    alarming = is_alarming(unheard, share, everybody[2])
    return heard, unheard, share, model.words("not_judged_alarm") if alarming else ""


def _agents(
    model: ReportModel, ordinary: Iterable[Call], everybody: tuple[int, int, float | None]
) -> tuple[tuple[Cell, ...], ...]:
    """Agents whom the audience knows by name and of whom a call is not judged, the most first."""
    if not model.audience.names_agents:
        return ()
    own: dict[str, list[Call]] = {}
    for call in ordinary:
        if call.agent_id is not None and call.shown:
            own.setdefault(call.agent_id, []).append(call)
    found = {a: calls for a, calls in own.items() if any(c.unjudged for c in calls)}
    order = sorted(found, key=lambda a: (-sum(c.unjudged for c in found[a]), natural_key(a)))
    return tuple(
        (
            agent_label(found[a][0].recording),
            found[a][0].team,
            *_row(found[a], everybody, model),
        )
        for a in order
    )
