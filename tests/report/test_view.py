"""What is counted, what is left out, and who sees what."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from qc_pipeline.errors import UsageError
from qc_pipeline.report.audience import parse_audience
from qc_pipeline.report.blocks import CommonProblems, SectionView, TableBlock
from qc_pipeline.report.inputs import Appeal, FollowUp, ReportInputs
from qc_pipeline.report.view import View, build_view
from qc_pipeline.sampling.sample import Pick
from qc_pipeline.scoring.evidence.finding import Verdict
from tests.report.inputs import Shape, listen_to, week

HEADINGS = (
    "一、本期重点问题汇总",
    "1、共性问题",
    "2、本期需要跟踪问题",
    "二、通过录音监控重点抽查坐席以下服务规范及流程",
    "1、服务礼仪",
    "2、服务流程",
    "三、11月16日-11月22日共监控录音{scored}通。本周期全体人员的监听平均成绩为{mean}分。",
    "1、各业务组录音监控情况",
    "2、本期录音日平均监控得分情况",
    "3、各分数段录音数量分布情况",
    "4、本期录音监控集中扣分项分析",
    "四、本期问题录音分析(请各组长在班会上向坐席重点强调,避免以后出现同样错误)",
)


@pytest.fixture(scope="module")
def inputs() -> ReportInputs:
    return week(Shape(calls=60, past_weeks=2))


@pytest.fixture(scope="module")
def view(inputs: ReportInputs) -> View:
    return build_view(inputs)


@pytest.fixture(scope="module")
def listened(inputs: ReportInputs) -> View:
    """The same week in which people listened to every call."""
    return build_view(listen_to(inputs))


def table(view: View, name: str) -> TableBlock:
    found = [
        b for s in view.sections for b in s.blocks if isinstance(b, TableBlock) and b.id == name
    ]
    assert len(found) == 1, name
    return found[0]


def section(view: View, name: str) -> SectionView:
    return next(s for s in view.sections if s.id == name)


def test_parts_stand_in_their_order_with_their_headings_word_for_word(listened: View) -> None:
    head = listened.head
    wanted = [h.format(scored=head.scored, mean=f"{head.mean:.2f}") for h in HEADINGS]
    assert [s.heading for s in listened.sections][: len(wanted)] == wanted


def test_sampled_is_scored_and_failed_and_the_scored_divide_without_rest(view: View) -> None:
    h = view.head
    assert h.sampled == h.scored + h.not_judged + h.no_total + h.failed == 60
    assert h.scored == h.counted + h.mystery + h.forced + h.risk
    assert (h.not_judged, h.no_total) == (0, 0)
    assert (h.failed, h.mystery) == (1, 1)


def test_every_mean_is_the_plain_mean_of_the_counted_where_all_chances_are_alike(
    inputs: ReportInputs, view: View
) -> None:
    rows = {r.recording_id: r for r in inputs.recordings}
    counted = {
        k: c for k, c in inputs.scorecards.items() if not rows[k].mystery and c.total is not None
    }
    totals = [c.total for c in counted.values() if c.total is not None]
    assert view.head.machine_mean == pytest.approx(sum(totals) / len(totals), abs=1e-9)
    # Nobody has listened to anything yet: there is no other mean.
    assert (view.head.mean, view.head.pass_share, view.head.listened) == (None, None, 0)
    by_team: dict[str, list[float]] = {}
    for k, c in counted.items():
        by_team.setdefault(str(rows[k].fields["team"]), []).append(c.total or 0.0)
    groups = table(view, "groups")
    assert {r[0]: r[3] for r in groups.rows} == pytest.approx(
        {team: sum(v) / len(v) for team, v in by_team.items()}
    )
    assert sum(int(r[2] or 0) for r in groups.rows) == view.head.counted
    days = table(view, "daily")
    assert sum(int(r[1] or 0) for r in days.rows) == view.head.counted
    bands = table(view, "bands")
    assert sum(int(r[2] or 0) for r in bands.rows) == view.head.counted


def test_pareto_adds_up_to_all_points_lost(inputs: ReportInputs, view: View) -> None:
    rows = {r.recording_id: r for r in inputs.recordings}
    lost = sum(
        r.lost for k, c in inputs.scorecards.items() if not rows[k].mystery for r in c.criteria()
    )
    deductions = table(view, "deductions")
    assert sum(float(r[1] or 0) for r in deductions.rows) == pytest.approx(lost)
    cumulative = [float(r[3] or 0) for r in deductions.rows]
    assert cumulative == sorted(cumulative)
    assert cumulative[-1] == pytest.approx(1.0)


def test_forced_calls_enter_no_mean_and_those_drawn_for_risk_do(inputs: ReportInputs) -> None:
    sample = inputs.sample
    first, second = [
        p for p in sample.picks if p.recording_id in inputs.scorecards and p.origin == "drawn"
    ][:2]
    picks = tuple(
        replace(p, origin="forced", probability=None)
        if p == first
        else replace(p, risk_class="×2")
        if p == second
        else p
        for p in sample.picks
    )
    by_risk = replace(sample, picks=picks, plan={**sample.plan, "allocation": "risk"})
    before, after = build_view(inputs).head, build_view(replace(inputs, sample=by_risk)).head
    assert (after.forced, after.risk, after.raised_for_risk) == (1, 0, 1)
    assert after.counted == before.counted - 1
    assert after.scored == after.counted + after.mystery + after.forced + after.risk


def test_card_without_a_total_is_counted_on_its_own_line(inputs: ReportInputs) -> None:
    key = next(k for k in inputs.scorecards if k.endswith("00002"))
    card = replace(inputs.scorecards[key], total=None, band=None, passed=None)
    found = build_view(replace(inputs, scorecards={**inputs.scorecards, key: card}))
    h = found.head
    assert (h.scored, h.not_judged, h.no_total, h.failed) == (58, 0, 1, 1)
    assert h.sampled == h.scored + h.not_judged + h.no_total + h.failed
    assert any(r[0] == "无总分" and r[1] == 1 for r in table(found, "reconciliation").rows)


def test_agent_with_few_listened_calls_gets_no_mean(listened: View) -> None:
    for row in table(listened, "agents").rows:
        assert isinstance(row[3], int)
        if row[3] < 4:
            assert row[4] == f"样本不足（{row[3]} 通）"
        else:
            assert isinstance(row[4], float)


def test_personal_mean_wants_the_months_number_of_calls_that_a_person_heard() -> None:
    base = week(Shape(calls=60, teams=1, agents=2))

    def heard(count: int) -> ReportInputs:
        own = [
            p.recording_id
            for p in base.sample.picks
            if p.agent_id == "8000" and p.origin == "drawn" and p.recording_id in base.scorecards
        ]
        return listen_to(base, own[:count])

    def row(inputs: ReportInputs) -> tuple[object, ...]:
        return next(r for r in table(build_view(inputs), "agents").rows if "8000" in str(r[0]))

    assert row(heard(3))[4] == "样本不足（3 通）"
    totals = [
        base.scorecards[p.recording_id].total
        for p in base.sample.picks
        if p.agent_id == "8000" and p.origin == "drawn" and p.recording_id in base.scorecards
    ]
    known = [v for v in totals if v is not None]
    assert len(known) > 4
    # The mean is that of the calls a person heard; the others are in group figures alone.
    four = [v for v in totals[:4] if v is not None]
    assert len(four) == 4
    assert row(heard(4))[4] == pytest.approx(sum(four) / 4)
    assert row(heard(4))[2] == len(known)
    # [review] calls_an_agent_a_month says how many that is.
    eight = replace(heard(4), options=replace(base.options, agent_least_calls=8))
    assert row(eight)[4] == "样本不足（4 通）"
    # Where nobody listened there is no figure for a person, however many calls a machine judged.
    assert row(heard(0))[4] == "样本不足（0 通）"


def test_only_the_random_part_makes_a_personal_mean() -> None:
    base = week(Shape(calls=60, teams=1, agents=2))
    own = [
        p.recording_id
        for p in base.sample.picks
        if p.agent_id == "8000" and p.origin == "drawn" and p.recording_id in base.scorecards
    ]
    inputs = listen_to(base, own)
    targeted = set(own[4:])

    def parted(pick: Pick) -> Pick:
        part = "targeted" if pick.recording_id in targeted else "random"
        chosen = pick.recording_id in own
        return replace(pick, relisten=chosen, relisten_part=part if chosen else "")

    picks = tuple(parted(p) for p in base.sample.picks)
    view = build_view(replace(inputs, sample=replace(base.sample, picks=picks)))
    row = next(r for r in table(view, "agents").rows if "8000" in str(r[0]))
    totals = [inputs.scorecards[k].total for k in own[:4]]
    assert row[3] == 4
    assert row[4] == pytest.approx(sum(v for v in totals if v is not None) / 4)


def test_weighted_shares_of_deductions_and_days_stand_beside_the_plain_means(view: View) -> None:
    drawn = [c for c in view.model.calls if c.pick.origin == "drawn"]
    rows = table(view, "estimates-days").rows
    assert len(rows) == len({c.recording.start_time.date() for c in drawn})
    everybody = table(view, "estimates").rows[0]
    assert sum(row[1] for row in rows) == everybody[1]
    shares = [row[2] for row in table(view, "estimates-deductions").rows]
    assert shares == sorted(shares, reverse=True)
    assert all(0 < share <= 1 for share in shares)


def test_nothing_is_common_in_a_handful_of_calls() -> None:
    found = build_view(week(Shape(calls=6)))
    common = next(b for b in section(found, "common").blocks if isinstance(b, CommonProblems))
    assert common.items == ()
    assert "没有共性问题" in " ".join(
        getattr(b, "text", "") for b in section(found, "common").blocks
    )


def test_common_problems_keep_the_stated_rule(inputs: ReportInputs, view: View) -> None:
    common = next(b for b in section(view, "common").blocks if isinstance(b, CommonProblems))
    assert 0 < len(common.items) <= 5
    rows = {r.recording_id: r for r in inputs.recordings}
    for problem in common.items:
        failing = [
            k
            for k, c in inputs.scorecards.items()
            if not rows[k].mystery
            for r in c.criteria()
            if r.id == problem.criterion and r.verdict is Verdict.FAIL
        ]
        assert problem.calls == len(failing) >= 5
        assert problem.calls / problem.judged >= 0.1
        assert len({rows[k].agent_id for k in failing}) == problem.agents >= 3
        assert problem.quotes


def test_lead_sees_the_own_group_in_full_and_others_as_totals(inputs: ReportInputs) -> None:
    options = replace(inputs.options, audience="lead:二组")
    found = build_view(replace(inputs, options=options))
    assert {c.team for c in found.calls} == {"二组"}
    assert {r[0] for r in table(found, "groups").rows} == {"一组", "二组", "三组"}
    assert all("坐席2-" in str(r[0]) for r in table(found, "agents").rows)
    assert not any(c.recording.mystery for c in found.calls)


def test_agent_sees_only_the_own_calls(inputs: ReportInputs) -> None:
    options = replace(inputs.options, audience="agent:8000")
    found = build_view(replace(inputs, options=options))
    assert {c.agent_id for c in found.calls} == {"8000"}
    ids = {s.id for s in found.sections}
    assert "groups" not in ids and "headline" not in ids and "agents" not in ids
    assert found.sections[0].id == "agent-overview"


def test_mystery_calls_are_the_managers_alone(inputs: ReportInputs) -> None:
    for audience in ("meeting", "lead:三组"):
        options = replace(inputs.options, audience=audience)
        found = build_view(replace(inputs, options=options))
        assert not any(c.recording.mystery for c in found.calls)
    assert any(c.recording.mystery for c in build_view(inputs).calls)


def test_wrong_audience_is_named_with_what_is_allowed(inputs: ReportInputs) -> None:
    options = replace(inputs.options, audience="boss")
    with pytest.raises(UsageError, match="allowed are manager, meeting, lead:GROUP and agent:ID"):
        build_view(replace(inputs, options=options))


def test_folder_of_an_audience_holds_nothing_of_its_name() -> None:
    assert parse_audience("manager").folder_name("2026-W47") == "2026-W47"
    assert parse_audience("meeting").folder_name("2026-11-16..2026-11-22") == (
        "2026-11-16_2026-11-22-meeting"
    )
    name = parse_audience("lead:../../一组").folder_name("2026-W47")
    assert re.fullmatch(r"2026-W47-lead-[0-9a-f]{12}", name)


def test_open_follow_ups_take_the_place_of_proposals(inputs: ReportInputs) -> None:
    key = sorted(inputs.scorecards)[0]
    item = FollowUp(recording_id=key, what="回电 13800138000 说明账单", callback_number="HB-17")
    found = build_view(replace(inputs, follow_ups=(item,)))
    rows = table(found, "tracking").rows
    assert len(rows) == 1
    assert "138****8000" in str(rows[0][3]) and rows[0][6] == "HB-17"


def test_disputed_calls_get_clips_before_others(inputs: ReportInputs) -> None:
    key = sorted(inputs.scorecards)[5]
    item = Appeal(recording_id=key, criterion_id=None, reason="听错", opened_on=inputs.period.end)
    options = replace(inputs.options, max_clips=1)
    found = build_view(replace(inputs, objections=(item,), options=options))
    assert found.clip_calls == {key}


def test_changed_rubric_or_model_is_said_where_weeks_are_compared(inputs: ReportInputs) -> None:
    past = tuple(replace(p, rubrics=("00" * 32,)) for p in inputs.past)
    found = build_view(replace(inputs, past=past))
    texts = " ".join(getattr(b, "text", "") for b in section(found, "daily").blocks)
    assert "各期之间不能直接比较" in texts and "2026-W46" in texts


def test_order_of_the_call_list_changes_nothing(inputs: ReportInputs, view: View) -> None:
    mixed = replace(
        inputs,
        recordings=tuple(reversed(inputs.recordings)),
        scorecards=dict(reversed(list(inputs.scorecards.items()))),
    )
    assert build_view(mixed).sections == view.sections


def test_groups_of_other_business_are_not_ranked(inputs: ReportInputs) -> None:
    apart = {"一组": "账单咨询", "二组": "投诉", "三组": "故障报修"}
    rows = tuple(
        replace(r, fields={**r.fields, "business": apart[str(r.fields["team"])]})
        for r in inputs.recordings
    )
    found = build_view(replace(inputs, recordings=rows))
    text = " ".join(getattr(b, "text", "") for b in section(found, "groups").blocks)
    assert "不作高低比较" in text and "最高" not in text.split("\u3002")[0]


def test_groups_stand_in_the_order_of_their_numbers(view: View) -> None:
    assert [r[0] for r in table(view, "groups").rows] == ["一组", "二组", "三组"]


def test_meeting_version_has_no_column_of_agents(inputs: ReportInputs) -> None:
    options = replace(inputs.options, audience="meeting")
    found = build_view(replace(inputs, options=options))
    tables = [b for s in found.sections for b in s.blocks if isinstance(b, TableBlock)]
    assert len(tables) > 8
    assert not any(c.key == "agent" for t in tables for c in t.columns)
    assert found.agents == ()
