"""Kinds of calls beside their former periods, the draw's tables, and typical wordings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from qc_pipeline.call import Recording
from qc_pipeline.call_table import CallTable
from qc_pipeline.job.past_periods import slots_of
from qc_pipeline.report.blocks import TableBlock
from qc_pipeline.report.inputs import ReportInputs
from qc_pipeline.report.pages.typical_wordings import DISTANCE, cosine_distances, kinds
from qc_pipeline.report.view import View, build_view
from qc_pipeline.sampling.sample import Pick, PlanRow, RiskCount, Sample, StratumRow
from tests.report.inputs import Shape, listen_to, week


@pytest.fixture(scope="module")
def inputs() -> ReportInputs:
    return week(Shape(calls=60, past_weeks=3))


@pytest.fixture(scope="module")
def view(inputs: ReportInputs) -> View:
    return build_view(inputs)


def table(view: View, name: str) -> TableBlock:
    return next(
        b for s in view.sections for b in s.blocks if isinstance(b, TableBlock) and b.id == name
    )


def test_lengths_and_slots_stand_beside_their_former_periods(
    inputs: ReportInputs, view: View
) -> None:
    """By hand: the plan's usual edges are 30, 120 and 300 s, a call of 28 s lies below 30."""
    shown = {(r[0], r[1]): r[2:] for r in table(view, "weeks-kinds").rows}
    for i, period in enumerate(inputs.past):
        short = [c.total for c in period.calls if c.duration_s == 28.0]
        meal = [c.total for c in period.calls if c.slot == "meal"]
        assert shown["时长段", "30 秒以下"][i] == pytest.approx(sum(short) / len(short))
        assert shown["时段", "用餐时段"][i] == pytest.approx(sum(meal) / len(meal))
    own = [
        c.total
        for k, c in inputs.scorecards.items()
        for r in inputs.recordings
        if r.recording_id == k and not r.mystery and (r.duration_s or 0) < 30
    ]
    assert shown["时长段", "30 秒以下"][3] == pytest.approx(sum(own) / len(own))


def test_change_of_every_kind_is_against_the_period_before(
    inputs: ReportInputs, view: View
) -> None:
    kinds_table = table(view, "kinds")
    places = [c.key for c in kinds_table.columns]
    former = inputs.past[-1].calls
    contact = {"first": "首次来电", "repeat": "重复来电"}
    for row in kinds_table.rows:
        cells = dict(zip(places, row, strict=True))
        if cells["kind"] == "来电次数":
            name = next(k for k, v in contact.items() if v == cells["value"])
            before = [c.total for c in former if c.contact == name]
        elif cells["value"] == "用餐时段":
            before = [c.total for c in former if c.slot == "meal"]
        else:
            continue
        assert cells["change"] == pytest.approx(cells["mean"] - sum(before) / len(before))


def test_a_kind_that_no_former_period_had_has_no_change(inputs: ReportInputs) -> None:
    silent = replace(
        inputs.past[-1],
        calls=tuple(replace(c, slot="", contact="") for c in inputs.past[-1].calls),
    )
    shown = build_view(replace(inputs, past=(silent,)))
    for row in table(shown, "kinds").rows:
        assert (row[-1] is None) == (row[0] in ("时段", "来电次数")), row


def test_slots_are_those_of_the_whole_frame_not_of_the_sampled_calls(
    inputs: ReportInputs, view: View
) -> None:
    """An agent's shift begins with the first of all the agent's calls that day."""
    counted: dict[str, int] = defaultdict(int)
    calls = {r.recording_id: r for r in inputs.recordings}
    outside = {e.recording_id for e in inputs.sample.excluded}
    shifts: dict[tuple[str | None, date], list[datetime]] = defaultdict(list)
    drawn = {p.recording_id for p in inputs.sample.picks}
    for r in calls.values():
        if r.recording_id in drawn or (r.recording_id not in outside and not r.mystery):
            shifts[r.agent_id, r.start_time.date()].append(r.start_time)
    for k, card in inputs.scorecards.items():
        row = calls[k]
        moments = sorted(shifts[row.agent_id, row.start_time.date()])
        told = len(moments) >= 4 and moments[-1] - moments[0] >= timedelta(hours=2)
        if not row.mystery and card.total is not None:
            early = told and row.start_time - moments[0] < timedelta(minutes=30)
            counted["班次开始"] += early
    shown = {r[1]: r[2] for r in table(view, "kinds").rows if r[0] == "时段"}
    assert shown.get("班次开始", 0) == counted["班次开始"]


ZONE = ZoneInfo("Asia/Shanghai")


def call(name: str, at: time, agent: str = "8001") -> Recording:
    when = datetime.combine(date(2026, 11, 9), at, tzinfo=ZONE)
    return Recording(recording_id=name, path=f"{name}.wav", start_time=when, agent_id=agent)


def drawn(*picks: tuple[str, str], strata: tuple[StratumRow, ...] = ()) -> Sample:
    slots = [{"name": "meal", "kind": "clock", "windows": [["12:00", "13:00"]]}]
    return Sample(
        period="2026-W46",
        seed="s",
        plan={"slots": slots},
        plan_sha256="",
        frame_sha256="",
        frame_size=3,
        picks=tuple(
            Pick(recording_id=k, stratum=s, origin="drawn", probability=0.5) for k, s in picks
        ),
        strata=strata,
    )


def row(stratum: str, slot: str) -> StratumRow:
    return StratumRow(
        stratum=stratum, duration_band="all", slot=slot, frame=2, allocated=1, drawn=1
    )


def test_former_slots_come_from_the_list_where_it_still_has_their_calls() -> None:
    rows = CallTable.of([call("a", time(12, 30)), call("b", time(15, 0)), call("c", time(9, 0))])
    sample = drawn(("a", "mixed"), ("b", "mixed"), strata=(row("mixed", "meal+other"),))
    found = slots_of(sample, rows)
    assert (found["a"], found["b"]) == ("meal", "other")


def test_former_slots_come_from_the_strata_where_the_list_has_moved_on() -> None:
    """A stratum that was put together of two slots does not say in which of them a call lay."""
    sample = drawn(("a", "x"), ("b", "y"), strata=(row("x", "meal"), row("y", "meal+other")))
    for rows in (CallTable.of([]), CallTable.of([call("c", time(9, 0))])):
        assert slots_of(sample, rows) == {"a": "meal", "b": ""}


@pytest.fixture(scope="module")
def risky(inputs: ReportInputs) -> ReportInputs:
    sample = replace(
        inputs.sample,
        plan={"allocation": "risk", "budget_calls": 60},
        picks=tuple(
            replace(p, risk_class="×2") if i % 10 == 0 and p.origin == "drawn" else p
            for i, p in enumerate(inputs.sample.picks)
        ),
        risk=(
            RiskCount(name="complaint", multiplier=2.0, frame=71),
            RiskCount(name="夜间投诉", multiplier=3.5, frame=4),
        ),
        risk_plan=(
            PlanRow(
                stratum="60–120/meal",
                risk_class="×2",
                frame=71,
                expected=17.5,
                least_rate=0.2,
                most_rate=0.5,
            ),
            PlanRow(
                stratum="60–120/meal",
                risk_class="",
                frame=169,
                expected=16.25,
                least_rate=0.1,
                most_rate=0.25,
            ),
        ),
    )
    return replace(inputs, sample=sample)


def test_risk_tables_say_what_raises_the_chance_and_by_how_much(risky: ReportInputs) -> None:
    shown = build_view(risky)
    conditions = table(shown, "risk-conditions")
    assert conditions.rows == (("投诉", 2.0, 71), ("夜间投诉", 3.5, 4))
    assert [c.label for c in conditions.columns] == ["条件", "倍数", "总体"]
    plan = table(shown, "risk-plan")
    assert [r[1:] for r in plan.rows] == [
        ("×2", 71, 17.5, 0.2, 0.5),
        ("×1", 169, 16.25, 0.1, 0.25),
    ]
    english = build_view(replace(risky, options=replace(risky.options, language="en")))
    assert table(english, "risk-conditions").rows[0][0] == "complaint"


def test_calls_drawn_for_risk_enter_the_mean_and_are_told(risky: ReportInputs) -> None:
    """Here with the chance of all others: the mean is the plain one of all."""
    shown = build_view(risky)
    mystery = {r.recording_id for r in risky.recordings if r.mystery}
    totals = [
        c.total
        for k, c in risky.scorecards.items()
        if k not in mystery and c.total is not None
    ]  # fmt: skip
    assert shown.head.machine_mean == pytest.approx(sum(totals) / len(totals))
    heard = build_view(listen_to(risky))
    assert heard.head.mean == pytest.approx(sum(totals) / len(totals))
    assert heard.head.listened == len(totals)
    assert shown.head.raised_for_risk == sum(
        p.risk_class == "×2" and p.recording_id in risky.scorecards for p in risky.sample.picks
    )
    assert shown.head.raised_for_risk > 3
    told = {r[0]: r[1:] for r in table(shown, "reconciliation").rows}
    assert told["其中按风险多抽"] == (
        shown.head.raised_for_risk,
        "符合风险条件，抽到的机会较大；按抽取机会折算后计入平均",
    )


def test_without_risk_there_are_no_risk_tables(view: View) -> None:
    names = {b.id for s in view.sections for b in s.blocks if isinstance(b, TableBlock)}
    assert not names & {"risk-conditions", "risk-plan"}


WORDINGS = (
    "好的请您稍等我帮您查询一下",
    "好的您稍等我帮您查一下",
    "那您稍等我查询一下",
    "这个业务要本人去营业厅办理",
    "这业务得您本人到营业厅办",
    "Please  hold on",
    "please hold on",
    "嗯",
)


def test_wordings_are_grouped_as_scikit_learn_groups_them() -> None:
    """Its vectors and clustering are the named source; ours only load faster."""
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [*WORDINGS, *WORDINGS[:3]]
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 2)).fit_transform(texts)
    expected = np.clip(1.0 - (vectors @ vectors.T).toarray(), 0.0, 1.0)
    np.fill_diagonal(expected, 0.0)
    ours = cosine_distances(texts)
    assert np.abs(ours - expected).max() < 1e-12
    theirs = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=DISTANCE
    ).fit_predict(expected)
    pairs = set(zip(theirs.tolist(), kinds(ours).tolist(), strict=True))
    assert len(pairs) == len(set(theirs.tolist())) == 4
