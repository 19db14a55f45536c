"""未评 in the report: sums, tables by group and agent, the alarm; counted by hand."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace

import pytest

from qc_pipeline.call import Speaker
from qc_pipeline.report.blocks import Sentence, TableBlock
from qc_pipeline.report.inputs import ReportInputs
from qc_pipeline.report.pages.call import call_page
from qc_pipeline.report.sections.not_judged import is_alarming
from qc_pipeline.report.view import View, build_view
from qc_pipeline.report.write.report_json import report_json
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.evidence.hearing import NotJudged
from tests.report.inputs import Shape, week

FIGURE = {"confidence": 0.9, "dropped": 0.0, "heard": 0.62, "speech_s": 32.4, "unheard_s": 12.3}


@pytest.fixture(scope="module")
def inputs() -> ReportInputs:
    """60 sampled: one failed, one test call; 12 agents of three groups take turns."""
    return week(Shape(calls=60))


def unheard(inputs: ReportInputs, ids: Collection[str]) -> ReportInputs:
    """The same week with these calls not judged. Their cards have items for a person."""
    cards = {
        k: replace(
            c,
            total=None,
            band=None,
            passed=None,
            hearing={"agent": FIGURE},
            not_judged={Speaker.AGENT: NotJudged.UNHEARD},
        )
        if k in ids
        else c
        for k, c in inputs.scorecards.items()
    }
    return replace(inputs, scorecards=cards)


def ordinary(inputs: ReportInputs, **fields: str) -> list[str]:
    """Scored calls, no test call, of a group or an agent."""
    return [
        r.recording_id
        for r in inputs.recordings
        if r.recording_id in inputs.scorecards
        and not r.mystery
        and all(r.text(k) == v for k, v in fields.items())
    ]


def table(view: View, name: str) -> TableBlock | None:
    found = [b for s in view.sections for b in s.blocks if isinstance(b, TableBlock)]
    return next((b for b in found if b.id == name), None)


def sentences(view: View) -> list[str]:
    headline = next(s for s in view.sections if s.id == "headline")
    return [b.text for b in headline.blocks if isinstance(b, Sentence)]


def test_a_week_without_them_says_nothing_of_them(inputs: ReportInputs) -> None:
    view = build_view(inputs)
    assert view.head.not_judged == 0
    assert table(view, "not-judged-teams") is None
    assert not any("未评" in text for text in sentences(view))


def test_they_have_a_line_of_their_own_and_every_sum_adds_up(inputs: ReportInputs) -> None:
    three = ordinary(inputs)[:3]
    few = ordinary(inputs)[3]
    some = unheard(inputs, three)
    cards = {**some.scorecards, few: replace(some.scorecards[few], total=None, band=None)}
    view, before = build_view(replace(some, scorecards=cards)), build_view(inputs)
    h = view.head
    assert (h.sampled, h.scored, h.not_judged, h.no_total, h.failed) == (60, 55, 3, 1, 1)
    assert h.counted == before.head.counted - 4
    rows = {r[0]: r[1] for r in table(view, "reconciliation").rows}  # type: ignore[union-attr]
    assert (rows["抽取录音"], rows["未评"], rows["无总分"]) == (60, 3, 1)
    shown = next(f for f in view.figures if f.label == "监控录音")
    assert shown.note == "抽取 60 = 评分 55 + 未评 3 + 无总分 1 + 失败 1"
    assert sum(c["unjudged"] for c in json.loads(report_json(view))["calls"]) == 3


def test_a_group_with_twice_the_share_and_three_calls_is_told(inputs: ReportInputs) -> None:
    """三组 has three of them, the others none: three times the centre's share."""
    team = ordinary(inputs, team="三组")
    view = build_view(unheard(inputs, team[:3]))
    rows = {r[0]: r[1:] for r in table(view, "not-judged-teams").rows}  # type: ignore[union-attr]
    assert rows["三组"] == (len(team), 3, pytest.approx(3 / len(team)), "达两倍")
    assert rows["一组"][1:] == (0, 0.0, "")
    assert any("两倍以上" in text and "三组" in text for text in sentences(view))


def test_two_calls_are_chance(inputs: ReportInputs) -> None:
    view = build_view(unheard(inputs, ordinary(inputs, team="三组")[:2]))
    rows = {r[0]: r for r in table(view, "not-judged-teams").rows}  # type: ignore[union-attr]
    assert rows["三组"][-1] == ""
    assert not any("两倍以上" in text for text in sentences(view))


def test_an_agent_with_three_is_told_by_name_where_agents_have_names(
    inputs: ReportInputs,
) -> None:
    agent = next(r.agent_id for r in inputs.recordings if r.text("team") == "二组")
    own = [k for k in ordinary(inputs) if agent in [_agent(inputs, k)]][:3]
    assert len(own) == 3
    some = unheard(inputs, own)
    found = table(build_view(some), "not-judged-agents")
    assert found is not None
    (row,) = found.rows
    assert agent in str(row[0]) and row[1:] == ("二组", 5, 3, pytest.approx(0.6), "达两倍")
    meeting = build_view(replace(some, options=replace(some.options, audience="meeting")))
    assert table(meeting, "not-judged-agents") is None
    assert not any(str(row[0]) in text for text in sentences(meeting))
    other = build_view(replace(some, options=replace(some.options, audience="lead:一组")))
    assert table(other, "not-judged-agents") is None
    assert not any(str(row[0]) in text for text in sentences(other))


def _agent(inputs: ReportInputs, recording_id: str) -> str | None:
    return next(r.agent_id for r in inputs.recordings if r.recording_id == recording_id)


@pytest.mark.parametrize(
    ("n", "share", "centre", "alarming"),
    [(3, 0.2, 0.1, True), (3, 0.19, 0.1, False), (2, 1.0, 0.1, False), (3, None, None, False)],
)
def test_alarm(n: int, share: float | None, centre: float | None, alarming: bool) -> None:
    assert is_alarming(n, share, centre) is alarming


def test_the_page_of_the_call_says_why_and_what_to_do(inputs: ReportInputs) -> None:
    key = ordinary(inputs)[0]
    some = unheard(inputs, [key])
    card = some.scorecards[key]
    first, *others = card.sections
    greeting = replace(first.criteria[0], verdict=Verdict.UNSCORABLE, lost=0.0, evidence=())
    assert not greeting.manual
    changed = replace(
        card, sections=(replace(first, criteria=(greeting, *first.criteria[1:])), *others)
    )
    view = build_view(replace(some, scorecards={**some.scorecards, key: changed}))
    page = call_page(view.model, view.model.by_id[key], with_clips=False)
    assert page.total == "未评"
    assert page.not_judged.startswith("未评：坐席 12.3 秒没听清（听清 62%）")
    assert "需人工听" in page.not_judged
    assert page.no_total_why == ""
    assert greeting.id in {item.criterion for item in page.held}


def test_a_call_that_people_judged_since_says_that_it_was_not_judged(
    inputs: ReportInputs,
) -> None:
    key = ordinary(inputs)[0]
    some = unheard(inputs, [key])
    judged = replace(some.scorecards[key], total=90.0, band="良好", passed=True)
    view = build_view(replace(some, scorecards={**some.scorecards, key: judged}))
    page = call_page(view.model, view.model.by_id[key], with_clips=False)
    assert (page.total, view.head.not_judged) == ("90", 0)
    assert page.not_judged.startswith("曾为未评（坐席 12.3 秒没听清")


def test_english_says_the_same(inputs: ReportInputs) -> None:
    key = ordinary(inputs)[0]
    some = unheard(inputs, [key])
    view = build_view(replace(some, options=replace(some.options, language="en")))
    page = call_page(view.model, view.model.by_id[key], with_clips=False)
    assert page.not_judged.startswith("Not judged: Agent: 12.3 s not heard (62% heard).")
    shown = next(f for f in view.figures if f.label == "Inspected")
    assert shown.note == "sampled 60 = scored 58 + not judged 1 + failed 1"
