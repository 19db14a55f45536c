"""Figures that speak of all calls weigh each by its chance, whatever the plan preferred to draw."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import qc_pipeline.report
from qc_pipeline.call import Recording
from qc_pipeline.report.blocks import Sentence, TableBlock
from qc_pipeline.report.counts import Count
from qc_pipeline.report.inputs import ReportInputs, past_call
from qc_pipeline.report.model import Personal, build_model
from qc_pipeline.report.pages.call import call_page
from qc_pipeline.report.sections.headline import head
from qc_pipeline.report.spans import Span
from qc_pipeline.report.stats import share_interval
from qc_pipeline.report.view import View, build_view
from qc_pipeline.report.weighting import ALIKE, is_raised_for_risk, machine_weights
from qc_pipeline.report.write.report_json import report_json
from qc_pipeline.sampling.draw import draw
from qc_pipeline.sampling.estimation import estimate_mean, estimate_share
from qc_pipeline.sampling.plan import Relisten, SamplingPlan
from qc_pipeline.sampling.sample import Pick, Sample
from qc_pipeline.scoring.scorecard import Scorecard
from tests.report.inputs import Shape, listen_to, listened_card, week
from tests.sampling.calls_made import WEEK, population
from tests.sampling.simulation import ALLOCATIONS

SCHEMA = Path(qc_pipeline.report.__file__).parent / "report.schema.json"


def chosen_with(inputs: ReportInputs, chances: dict[str, float], **plan: Any) -> ReportInputs:
    """The week as if drawn with these chances (recording → chance), each of a class of its own."""
    picks = tuple(
        replace(
            p,
            probability=chances[p.recording_id],
            risk_class=f"×{8 * chances[p.recording_id]:g}" if plan else "",
        )
        if p.origin == "drawn"
        else p
        for p in inputs.sample.picks
    )
    sample = replace(inputs.sample, picks=picks, plan={**inputs.sample.plan, **plan})
    return replace(inputs, sample=sample)


@pytest.fixture(scope="module")
def plain() -> ReportInputs:
    return week(Shape(calls=60, past_weeks=2))


@pytest.fixture(scope="module")
def risky(plain: ReportInputs) -> ReportInputs:
    """Complaints are drawn four times as often as others: classes ×4 and ×1."""
    rows = {r.recording_id: r for r in plain.recordings}
    chances = {
        p.recording_id: 0.5 if rows[p.recording_id].text("business") == "投诉" else 0.125
        for p in plain.sample.picks
    }
    return chosen_with(plain, chances, allocation="risk")


@pytest.fixture(scope="module")
def body(risky: ReportInputs) -> dict[str, Any]:
    return as_json(build_view(risky))


def as_json(view: View) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(report_json(view))
    return found


def sentences(view: View) -> str:
    return "\n".join(b.text for s in view.sections for b in s.blocks if isinstance(b, Sentence))


def weights_by_hand(inputs: ReportInputs) -> dict[str, float]:
    """One over the chance; what a stratum's calls without a total weighed is spread over its
    others in proportion."""
    rows = {r.recording_id: r for r in inputs.recordings}
    drawn = [p for p in inputs.sample.picks if p.origin == "drawn"]
    scored = {
        k
        for k, c in inputs.scorecards.items()
        if c.total is not None and not rows[k].mystery
    }  # fmt: skip
    found: dict[str, float] = {}
    for pick in drawn:
        if pick.recording_id in scored:
            own = [p for p in drawn if p.stratum == pick.stratum]
            whole = sum(1 / (p.probability or 1) for p in own)
            kept = sum(1 / (p.probability or 1) for p in own if p.recording_id in scored)
            found[pick.recording_id] = 1 / (pick.probability or 1) * whole / kept
    return found


def test_a_risk_plan_has_a_score_deductions_and_a_heat_map(
    risky: ReportInputs, body: dict[str, Any]
) -> None:
    facts = body["head"]
    drawn = [p for p in risky.sample.picks if p.origin == "drawn"]
    assert facts["counted"] == len([p for p in drawn if p.recording_id in risky.scorecards]) == 58
    assert facts["scored"] == facts["counted"] + facts["mystery"] + facts["forced"] + facts["risk"]
    assert (facts["risk"], facts["forced"], facts["mystery"]) == (0, 0, 1)
    assert facts["raised_for_risk"] == sum(p.risk_class == "×4" for p in drawn) > 3
    assert len(body["tables"]["deductions"]["rows"]) > 5
    heat = body["tables"]["heat"]["rows"]
    assert len(heat) > 5 and all(isinstance(r["all"], float) for r in heat)
    heard = as_json(build_view(listen_to(risky)))
    (headline,) = [s["heading"] for s in heard["sections"] if s["id"] == "headline"]
    assert f"监听平均成绩为{heard['head']['mean']:.2f}分" in headline
    jsonschema.validate(heard, json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_every_figure_of_all_calls_is_weighted_by_one_over_the_chance(
    risky: ReportInputs, body: dict[str, Any]
) -> None:
    """By hand from the picks and cards; groups, days, kinds, bands and items likewise."""
    weights = weights_by_hand(risky)
    rows = {r.recording_id: r for r in risky.recordings}
    cards = {k: risky.scorecards[k] for k in weights}

    def mean(keys: list[str]) -> float:
        return sum(weights[k] * (cards[k].total or 0.0) for k in keys) / sum(
            weights[k] for k in keys
        )

    def share(keys: list[str], flags: list[bool]) -> float:
        whole = sum(weights[k] for k in keys)
        return sum(weights[k] for k, f in zip(keys, flags, strict=True) if f) / whole

    every = sorted(weights)
    facts = body["head"]
    assert facts["machine_mean"] == pytest.approx(mean(every), abs=1e-6)
    totals = [cards[k].total or 0.0 for k in every]
    assert facts["machine_plain_mean"] == pytest.approx(sum(totals) / len(totals), abs=1e-6)
    assert abs(facts["machine_mean"] - facts["machine_plain_mean"]) > 0.05
    for row in body["tables"]["groups"]["rows"]:
        own = [k for k in every if rows[k].text("team") == row["team"]]
        assert row["mean"] == pytest.approx(mean(own), abs=1e-6)
        passed = [bool(cards[k].passed) for k in own]
        assert row["passed"] == pytest.approx(share(own, passed), abs=1e-6)
    assert body["tables"]["groups"]["total"]["mean"] == pytest.approx(mean(every), abs=1e-6)
    assert body["tables"]["daily"]["total"]["mean"] == pytest.approx(mean(every), abs=1e-6)
    for row in body["tables"]["kinds"]["rows"]:
        if row["kind"] == "业务类型":
            own = [k for k in every if rows[k].text("business") == row["value"]]
            assert row["mean"] == pytest.approx(mean(own), abs=1e-6)
    for row in body["tables"]["bands"]["rows"]:
        own = [k for k in every if cards[k].band == row["band"]]
        assert row["calls"] == len(own)
        flags = [cards[k].band == row["band"] for k in every]
        assert row["share"] == pytest.approx(share(every, flags), abs=1e-6)
    titles = {r.title: r.id for c in cards.values() for r in c.criteria()}
    lines = {**{r["title"]: r for r in body["tables"]["conduct-1"]["rows"]},
             **{r["title"]: r for r in body["tables"]["conduct-2"]["rows"]}}  # fmt: skip
    for row in body["tables"]["deductions"]["rows"]:
        item = titles[row["title"]]
        verdicts = {
            k: str(r.verdict) for k in every for r in cards[k].criteria() if r.id == item
        }  # fmt: skip
        judged = [k for k in every if verdicts.get(k) in ("pass", "fail")]
        flags = [verdicts[k] == "fail" for k in judged]
        assert (row["calls"], row["judged"]) == (sum(flags), len(judged))
        assert row["share"] == pytest.approx(share(judged, flags), abs=1e-6)
        assert lines[row["title"]]["passed"] == pytest.approx(1 - row["share"], abs=1e-6)
    shares = {r["title"]: r["share"] for r in body["tables"]["deductions"]["rows"]}
    assert {r["title"]: r["all"] for r in body["tables"]["heat"]["rows"]} == {
        r["title"]: shares[r["title"]] for r in body["tables"]["heat"]["rows"]
    }
    assert len(body["common_problems"]) > 1
    for problem in body["common_problems"]:
        assert problem["share"] == shares[problem["title"]]
        assert problem["low"] < problem["share"] < problem["high"]
    first = body["tables"]["heat"]["rows"][0]
    for i, team in enumerate(("一组", "二组", "三组"), start=1):
        own = [k for k in every if rows[k].text("team") == team]
        verdicts = {
            k: str(r.verdict) for k in own for r in cards[k].criteria()
            if r.title == first["title"] and str(r.verdict) in ("pass", "fail")
        }  # fmt: skip
        flags = [v == "fail" for v in verdicts.values()]
        assert first[f"team{i}"] == pytest.approx(share(list(verdicts), flags), abs=1e-6)
    # The last period of the trend is this one, at the same figure.
    assert body["tables"]["weeks"]["rows"][-1]["mean"] == pytest.approx(mean(every), abs=1e-6)


def test_the_data_file_says_what_each_call_weighs(
    risky: ReportInputs, body: dict[str, Any]
) -> None:
    made = [c for c in body["calls"] if c["counted"]]
    assert sum(c["weight"] * c["total"] for c in made) / sum(c["weight"] for c in made) == (
        pytest.approx(body["head"]["machine_mean"], abs=1e-5)
    )
    assert sorted(c["weight"] for c in made) == pytest.approx(
        sorted(weights_by_hand(risky).values()), abs=1e-5
    )
    assert all(c["weight"] == 0 for c in body["calls"] if not c["counted"])


def test_the_head_is_the_estimate_for_all_calls(risky: ReportInputs) -> None:
    """Both tiers are the Hájek ratios of `sampling.estimation`."""
    picks = tuple(
        replace(p, relisten=i % 3 > 0, relisten_probability=0.9 if i % 2 else 0.3)
        if p.origin == "drawn"
        else p
        for i, p in enumerate(risky.sample.picks)
    )
    inputs = listen_to(replace(risky, sample=replace(risky.sample, picks=picks)))
    model = build_model(inputs)
    facts = head(model)
    totals = {c.recording_id: c.total or 0.0 for c in model.counted}
    passes = {c.recording_id: bool(c.card and c.card.passed) for c in model.counted}
    assert facts.machine_mean == pytest.approx(estimate_mean(inputs.sample, totals).value)
    wanted = estimate_mean(inputs.sample, totals, relistened=True)
    assert facts.mean == pytest.approx(wanted.value)
    assert facts.plain_mean == pytest.approx(wanted.plain)
    share = estimate_share(inputs.sample, passes, relistened=True)
    assert facts.pass_share == pytest.approx(share.value)
    assert facts.plain_pass_share == pytest.approx(share.plain)
    assert facts.listened_drawn == wanted.calls < facts.listened == len(totals)
    assert model.health.listened_calls == facts.listened_drawn


def test_the_page_says_that_figures_are_weighted_and_tells_the_plain_mean_beside_it(
    risky: ReportInputs,
) -> None:
    shown = build_view(listen_to(risky))
    facts, text = shown.head, sentences(shown)
    assert f"按抽取机会加权平均 {facts.machine_mean:.2f} 分，代表全部通话" in text
    assert f"这些录音的简单平均 {facts.machine_plain_mean:.2f} 分" in text
    assert text.count("平均分和占比已按抽取机会加权") == 3
    assert text.count("合格率和扣分率已按抽取机会加权") == 3
    machine = next(f for f in shown.figures if f.label == "机检参考")
    assert machine.value == f"{facts.machine_mean:.2f}" and "按抽取机会加权" in machine.note
    assert machine.beneath.endswith(f"；简单平均 {facts.machine_plain_mean:.2f}")
    notes = [b.note for s in shown.sections for b in s.blocks if isinstance(b, TableBlock)]
    assert not any("计入录音的简单平均" in n or "风险抽取" in n for n in notes)
    english = build_view(replace(risky, options=replace(risky.options, language="en")))
    assert "are weighted to all calls (their plain mean is" in sentences(english)


def test_listened_calls_that_were_not_chosen_for_it_are_no_part_of_the_score(
    plain: ReportInputs,
) -> None:
    """All drawn calls have one chance; of a choice among them only the chosen ones count."""
    ids = [p.recording_id for p in plain.sample.picks if p.recording_id in plain.scorecards]
    rows = {r.recording_id: r for r in plain.recordings}
    ids = [k for k in ids if not rows[k].mystery]
    chosen = set(ids[:10])
    picks = tuple(
        replace(p, relisten=p.recording_id in chosen, relisten_probability=0.2)
        if p.origin == "drawn"
        else p
        for p in plain.sample.picks
    )
    made = replace(plain, sample=replace(plain.sample, picks=picks))
    some = build_view(listen_to(made, ids[5:15]))
    totals = [plain.scorecards[k].total or 0.0 for k in ids[5:10]]
    assert some.head.mean == pytest.approx(sum(totals) / 5)
    assert (some.head.listened, some.head.listened_drawn, some.head.plain_mean) == (10, 5, None)
    assert "5 通录音由人逐项判定，平均" in sentences(some)
    rows_told = next(
        b for s in some.sections for b in s.blocks
        if isinstance(b, TableBlock) and b.id == "reconciliation"
    ).rows  # fmt: skip
    assert any("抽定复听的录音（5 通）的简单平均" in str(r[2]) for r in rows_told)
    none = build_view(listen_to(made, ids[10:15]))
    assert (none.head.mean, none.head.listened, none.head.listened_drawn) == (None, 5, 0)
    assert "已有 5 通录音由人逐项判定，但都不在抽定的复听样本中" in sentences(none)


@pytest.mark.parametrize(("factor", "weighted"), [(1.0, False), (ALIKE, False), (1.06, True)])
def test_chances_that_are_nearly_alike_leave_the_plain_mean(
    plain: ReportInputs, factor: float, weighted: bool
) -> None:
    chances = {
        p.recording_id: 0.2 * factor if i % 2 else 0.2
        for i, p in enumerate(plain.sample.picks)
    }  # fmt: skip
    shown = build_view(chosen_with(plain, chances))
    totals = [c.total or 0.0 for c in shown.model.counted]
    assert (shown.head.machine_plain_mean is not None) == weighted
    assert ("加权平均" in sentences(shown)) == weighted
    if not weighted:
        assert shown.head.machine_mean == pytest.approx(sum(totals) / len(totals))
        assert {c.weight for c in shown.model.counted} == {1.0}


def test_only_a_class_above_one_is_called_drawn_more_often(risky: ReportInputs) -> None:
    view = build_view(risky)
    found: dict[str, set[str]] = {"×1": set(), "×4": set()}
    for call in view.model.calls:
        if call.card is not None and call.pick.origin == "drawn":
            page = call_page(view.model, call, with_clips=False)
            found[call.pick.risk_class].add(dict(page.facts)["抽取方式"])
    assert found == {"×1": {"随机抽取"}, "×4": {"随机抽取（按风险多抽）"}}
    (calls,) = [
        b for s in view.sections for b in s.blocks if isinstance(b, TableBlock) and b.id == "calls"
    ]
    apart = [c.key for c in calls.columns].index("apart")
    assert {str(r[apart]) for r in calls.rows} == {"", "神秘顾客"}
    assert not is_raised_for_risk(Pick(recording_id="a", stratum="s", risk_class="×0.5"))
    assert not is_raised_for_risk(Pick(recording_id="a", stratum="s"))
    forced = Pick(recording_id="a", stratum="", origin="forced", risk_class="×3")
    assert not is_raised_for_risk(forced)


def test_a_plan_by_risk_that_raises_nobody_tells_of_no_risk(plain: ReportInputs) -> None:
    chances = {p.recording_id: 0.125 for p in plain.sample.picks}
    view = build_view(chosen_with(plain, chances, allocation="risk"))
    assert view.head.raised_for_risk == 0
    assert "风险" not in json.dumps(as_json(view)["tables"]["reconciliation"], ensure_ascii=False)


def test_a_personal_mean_weighs_the_agents_calls_by_one_over_the_chance() -> None:
    """By hand: (90 × 2 + 60 × 8) / (2 + 8) = 66."""
    own = Personal.of([(90.0, True, 0.5), (60.0, True, 0.125), (10.0, False, 0.5)])
    assert (own.counted, own.totals, own.weighted) == (3, (90.0, 60.0), True)
    assert own.mean == pytest.approx(66.0)
    alike = Personal.of([(90.0, True, 0.2), (60.0, True, 0.205)])
    unknown = Personal.of([(90.0, True, 0.5), (60.0, True, None)])
    assert (alike.mean, unknown.mean) == (75.0, 75.0)
    assert not alike.weighted and not unknown.weighted
    assert Personal.of([]).mean is None


def test_the_agents_table_and_page_show_the_weighted_personal_mean(risky: ReportInputs) -> None:
    base = replace(risky, recordings=tuple(
        replace(r, agent_id="8000", fields={**r.fields, "team": "一组", "agent_name": "坐席1-1"})
        for r in risky.recordings
    ))  # fmt: skip
    view = build_view(listen_to(base))
    calls = view.model.counted
    chance = {p.recording_id: p.probability or 1.0 for p in base.sample.picks}
    wanted = sum((c.total or 0.0) / chance[c.recording_id] for c in calls) / sum(
        1 / chance[c.recording_id] for c in calls
    )
    (row,) = as_json(view)["tables"]["agents"]["rows"]
    assert row["mean"] == pytest.approx(wanted, abs=1e-6)
    (page,) = view.agents
    assert isinstance(page.sections[0].blocks[0], Sentence)
    assert "各通录音的抽取机会不同，平均已按机会加权。" in page.sections[0].blocks[0].text


def test_a_former_period_is_weighted_by_its_own_chances(plain: ReportInputs) -> None:
    """By hand: 100 and 80 points, drawn with 0.5 and 0.125: (100 × 2 + 80 × 8) / 10 = 84."""
    card = listened_card(next(iter(plain.scorecards.values())))
    rows = plain.recordings[:2]
    picks = (
        Pick(recording_id=rows[0].recording_id, stratum="s", probability=0.5),
        Pick(recording_id=rows[1].recording_id, stratum="s", probability=0.125),
    )
    weights = machine_weights(
        replace(plain.sample, picks=picks), [r.recording_id for r in rows]
    )  # fmt: skip
    calls = tuple(
        past_call(
            row,
            replace(card, recording_id=row.recording_id, total=total, passed=total >= 85),
            pick,
            weight=weights.of(row.recording_id),
            listened_weight=weights.of(row.recording_id),
        )
        for row, pick, total in zip(rows, picks, (100.0, 80.0), strict=True)
    )
    assert [c.probability for c in calls] == [0.5, 0.125] and all(c.counts for c in calls)
    view = build_view(replace(plain, past=(replace(plain.past[-1], calls=calls),)))
    body = as_json(view)
    former = body["tables"]["weeks"]["rows"][0]
    assert (former["mean"], former["passed"]) == (pytest.approx(84.0), pytest.approx(0.2))
    assert body["head"]["former_mean"] == pytest.approx(84.0)
    assert body["head"]["former_pass_share"] == pytest.approx(0.2)


def test_a_test_of_shares_rests_on_the_effective_number_of_calls() -> None:
    """By hand: weights 4, 1, 1, 1, 1 say as much as 8² / 20 = 3.2 calls; that of weight 4 fails."""
    found = Count()
    for weight in (4.0, 1.0, 1.0, 1.0, 1.0):
        found.judge(weight)
    found.fail(4.0, "A1")
    assert (found.judged, found.failed, found.share) == (5, 1, 0.5)
    assert found.size == pytest.approx(3.2) and found.failing == pytest.approx(1.6)
    assert found.tested() == (2, 3)
    assert found.interval() == share_interval(found.failing, found.size)
    span = Span(
        label="", first=WEEK.start, totals=(90.0, 70.0), weights=(3.0, 1.0), passes=(True, False)
    )
    assert (span.mean, span.pass_share) == (85.0, 0.75)
    assert span.size == pytest.approx(1.6) and span.passed == pytest.approx(1.2)


def test_where_all_weigh_the_same_counts_stay_whole_numbers() -> None:
    found, part = Count(), Count()
    for i in range(30):
        found.judge(1.0)
        if i < 7:
            part.judge(1.0)
    for entry in (found, part):
        entry.fail(1.0, None)
    assert (found.size, found.failing, found.tested()) == (30.0, 1.0, (1, 30))
    assert found.without(part).tested() == (0, 23)
    assert found.without(found).share is None


def test_a_drawn_call_of_unknown_chance_is_in_no_weighted_figure(plain: ReportInputs) -> None:
    sample: Sample = plain.sample
    odd = next(p for p in sample.picks if p.recording_id in plain.scorecards)
    picks = tuple(replace(p, probability=None) if p is odd else p for p in sample.picks)
    view = build_view(replace(plain, sample=replace(sample, picks=picks)))
    assert not view.model.by_id[odd.recording_id].counted
    h = view.head
    assert (h.forced, h.scored) == (1, h.counted + h.mystery + h.forced + h.risk)


CALLS, AGENTS, BUDGET = 1_000, 10, 100
PLANS = {
    name: SamplingPlan(
        **options,
        **({"fixed": 4} if name == "fixed" else {"budget_calls": BUDGET}),
        agent_min=0,
        relisten=Relisten(agent_min=4, new_agent_min=4, complaint_share=0.2),
    )
    for name, options in ALLOCATIONS.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A period whose totals are known: of every call a card with that total, listened to."""

    rows: dict[str, Recording]
    totals: dict[str, float]
    cards: dict[str, Scorecard]
    inputs: ReportInputs

    @property
    def truth(self) -> float:
        return math.fsum(self.totals.values()) / len(self.totals)

    def figures(self, plan: SamplingPlan, seed: str) -> tuple[float, float, float]:
        """The report's own head of a draw: machine mean, listened mean; and the plain mean."""
        sample = draw(tuple(self.rows.values()), plan, period=WEEK, seed=seed)
        ids = [p.recording_id for p in sample.picks]
        made = replace(
            self.inputs,
            recordings=tuple(self.rows[k] for k in ids),
            sample=sample,
            scorecards={k: self.cards[k] for k in ids},
        )
        facts = head(build_model(made))
        assert facts.machine_mean is not None and facts.mean is not None
        totals = [self.totals[k] for k in ids]
        return facts.machine_mean, facts.mean, sum(totals) / len(totals)

    def errors(self, plan: SamplingPlan, draws: int) -> list[tuple[float, float]]:
        """(bias, one Monte-Carlo standard error) of each of the figures, in points."""
        made = np.array([self.figures(plan, f"s{d}") for d in range(draws)])
        bias, spread = made.mean(axis=0) - self.truth, made.std(axis=0, ddof=1)
        return [(float(b), float(s) / draws**0.5) for b, s in zip(bias, spread, strict=True)]


@pytest.fixture(scope="module")
def known() -> Known:
    rows, scores = population(CALLS, AGENTS)
    base = week(Shape(calls=30))
    made = listened_card(next(iter(base.scorecards.values())))
    totals = {r.recording_id: float(s) for r, s in zip(rows, scores, strict=True)}
    cards = {
        k: replace(made, recording_id=k, total=total, passed=total >= 80, fatal=())
        for k, total in totals.items()
    }
    inputs = replace(base, transcripts={}, envelopes={}, failures=(), past=())
    return Known(rows={r.recording_id: r for r in rows}, totals=totals, cards=cards, inputs=inputs)


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANS)
def test_the_head_of_the_report_is_unbiased_under_every_allocation(known: Known, name: str) -> None:
    machine, listened, simple = known.errors(PLANS[name], 200)
    print(name, machine, listened, simple)
    for bias, error in (machine, listened):
        assert abs(bias) < max(0.2, 3 * error)
    if name in ("equal", "fixed", "risk"):
        assert simple[0] < -0.5 and abs(simple[0]) > 10 * simple[1]


def test_thirty_draws_already_show_the_plain_mean_biased_and_the_head_not(known: Known) -> None:
    machine, _, simple = known.errors(PLANS["equal"], 30)
    assert abs(machine[0]) < 4 * machine[1]
    assert simple[0] < -1.5
