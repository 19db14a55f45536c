"""附二、服务指标: the service figures of REQUIREMENTS 4 against their targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qc_pipeline.call import FieldValue, Recording
from qc_pipeline.report import formats, stats
from qc_pipeline.report.blocks import Block, Cell, Column, SectionView, Sentence, Table
from qc_pipeline.report.inputs import TrafficRow
from qc_pipeline.report.material import Material

CONTENT = ("满意", "非常满意", "很满意", "satisfied", "very satisfied")
RATED = (
    *CONTENT,
    "一般",
    "不满意",
    "非常不满意",
    "很不满意",
    "neutral",
    "dissatisfied",
    "very dissatisfied",
)
YES = ("true", "yes", "是", "已解决", "1")
NO = ("false", "no", "否", "未解决", "0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One service figure; `value` None: nothing to divide by; `good` None: no target or value."""

    key: str
    value: float | None
    base: int
    target: str
    good: bool | None
    percent: bool


def build(material: Material) -> tuple[SectionView, ...]:
    if not material.audience.sees_groups:
        return ()
    t = material.words
    rows = [r for r in material.inputs.recordings if not r.mystery]
    found = figures(material, rows, material.inputs.traffic)
    measured = [f for f in found if f.value is not None]
    within = formats.points(material.inputs.targets.service_level_s)
    missed = [t(f"service.{f.key}", n=within) for f in measured if f.good is False]
    if not measured:
        text = t("service_none")
    elif missed:
        text = t("service_missed", titles=t.listed(missed))
    else:
        text = t("service_met", n=sum(f.good is True for f in measured))
    table = Table(
        id="service",
        title=t("service_title"),
        columns=(
            Column(key="figure", label=t("col_figure")),
            Column(key="value", label=t("col_value")),
            Column(key="target", label=t("col_target")),
            Column(key="met", label=t("col_met")),
            Column(key="base", label=t("col_base"), kind="int"),
        ),
        rows=tuple(
            (
                t(f"service.{f.key}", n=within),
                formats.percent(f.value) if f.percent else _seconds(material, f.value),
                f.target or "–",
                "–" if f.good is None else t("target_met" if f.good else "target_missed"),
                f.base,
            )
            for f in found
        ),
        note=t("service_note"),
    )
    blocks: list[Block] = [Sentence(text=text), table]
    teams = sorted({r.text("team") or t("no_team") for r in rows})
    if len(teams) > 1:
        blocks.append(_by_team(material, rows, teams))
    return (
        SectionView(
            id="service-figures",
            heading=t("service_heading"),
            level=2,
            blocks=tuple(blocks),
            short=t("nav_service"),
        ),
    )


def figures(
    material: Material, rows: Sequence[Recording], traffic: Sequence[TrafficRow]
) -> tuple[Figure, ...]:
    """All figures over rows of the call list and of the traffic table."""
    target = material.inputs.targets
    offered, answered, in_time, waited = _offered(rows, traffic, target.service_level_s)
    resolved = _yes_no(r.get("resolved") for r in rows)
    rated = [s for r in rows if (s := (r.text("satisfaction") or "").lower()) in RATED]
    after_call = _numbers(r.get("acw_s") for r in rows)
    handled = [r.duration_s for r in rows if r.answered and r.duration_s is not None]
    ontime = [
        o.answered_on <= o.due
        for o in material.inputs.objections
        if o.answered_on is not None and o.due is not None
    ]
    closed = [
        f.closed_on <= (f.due or material.inputs.deadlines.follow_ups)
        for f in material.inputs.follow_ups
        if f.closed_on is not None
    ]
    return (
        _share("answer_rate", answered, offered, target.answer_rate),
        _share("service_level", in_time, offered, target.service_level),
        _share("resolution", sum(resolved), len(resolved), target.first_call_resolution),
        _share("satisfaction", sum(s in CONTENT for s in rated), len(rated), target.satisfaction),
        _mean("after_call", after_call, target.after_call_s_min, target.after_call_s_max),
        _mean("handling", handled, None, target.handling_s),
        _mean("queue", waited, None, target.queue_s),
        _share("objections", sum(ontime), len(ontime), None),
        _share("follow_ups", sum(closed), len(closed), None),
    )


def _offered(
    rows: Sequence[Recording], traffic: Sequence[TrafficRow], within_s: float
) -> tuple[int, int, int, list[float]]:
    """(offered, answered, answered in time, queue seconds): of the traffic table where there is
    one, else of the list – and there only if it has unanswered rows, since a list of recordings
    alone says nothing about calls that were abandoned."""
    queues = [
        (r.answered, float(q))
        for r in rows
        if isinstance(q := r.get("queue_s"), int | float) and not isinstance(q, bool)
    ]
    waited = [q for answered, q in queues if answered]
    counted = [r for r in traffic if r.offered is not None and r.answered is not None]
    if counted:
        offered = sum(r.offered or 0 for r in counted)
        answered = sum(r.answered or 0 for r in counted)
        in_time = sum(r.answered_in_time or 0 for r in counted)
        return offered, answered, in_time, waited
    if any(not r.answered for r in rows):
        in_time = sum(answered and q <= within_s for answered, q in queues)
        return len(rows), sum(r.answered for r in rows), in_time, waited
    return 0, 0, 0, waited


def _share(key: str, part: int, whole: int, target: float | None) -> Figure:
    value = stats.share(part, whole)
    return Figure(
        key=key,
        value=value,
        base=whole,
        target="" if target is None else f"≥ {formats.percent(target, 0)}",
        good=None if value is None or target is None else value >= target,
        percent=True,
    )


def _mean(key: str, values: Sequence[float], low: float | None, high: float | None) -> Figure:
    value = stats.mean(values)
    text = ""
    if low is not None and high is not None:
        text = f"{formats.points(low)}–{formats.points(high)} s"
    elif high is not None:
        text = f"≤ {formats.points(high)} s"
    good = None
    if value is not None and high is not None:
        good = value <= high and (low is None or value >= low)
    return Figure(key=key, value=value, base=len(values), target=text, good=good, percent=False)


def _by_team(material: Material, rows: Sequence[Recording], teams: Sequence[str]) -> Table:
    t = material.words
    lines: list[tuple[Cell, ...]] = []
    for team in teams:
        own = [r for r in rows if (r.text("team") or t("no_team")) == team]
        traffic = [r for r in material.inputs.traffic if r.team == team]
        found = {f.key: f for f in figures(material, own, traffic)}
        lines.append(
            (
                team,
                len(own),
                *(
                    found[k].value
                    for k in (
                        "answer_rate",
                        "resolution",
                        "satisfaction",
                        "after_call",
                        "handling",
                        "queue",
                    )
                ),
            )
        )
    return Table(
        id="service-teams",
        title=t("service_teams_title"),
        columns=(
            Column(key="team", label=t("col_team")),
            Column(key="calls", label=t("col_rows"), kind="int"),
            Column(key="answer_rate", label=t("service.answer_rate"), kind="percent"),
            Column(key="resolution", label=t("service.resolution"), kind="percent"),
            Column(key="satisfaction", label=t("service.satisfaction"), kind="percent"),
            Column(key="after_call", label=t("service.after_call"), kind="seconds"),
            Column(key="handling", label=t("service.handling"), kind="seconds"),
            Column(key="queue", label=t("service.queue"), kind="seconds"),
        ),
        rows=tuple(lines),
        folded=True,
    )


def _seconds(material: Material, value: float | None) -> str:
    return (
        formats.NOT_AVAILABLE
        if value is None
        else material.words("n_seconds", n=formats.seconds(value))
    )


def _numbers(values: Iterable[FieldValue | None]) -> list[float]:
    return [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]


def _yes_no(values: Iterable[FieldValue | None]) -> list[bool]:
    found: list[bool] = []
    for value in values:
        text = str(value).strip().lower()
        if value is not None and text in (*YES, *NO):
            found.append(text in YES)
    return found
