"""What a report says of its stage: 初评, 公示, 定稿, and what figures for people rest on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

import qc_pipeline.report
from qc_pipeline.intake.tables import AssessmentMark
from qc_pipeline.report.blocks import TableBlock
from qc_pipeline.report.inputs import FinalFacts, PastPeriod, ReportInputs
from qc_pipeline.report.model import build_model
from qc_pipeline.report.sections.headline import head
from qc_pipeline.report.view import View, build_view
from qc_pipeline.report.weighting import listened_score
from qc_pipeline.report.words.stage import version_line
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.report.write.report_json import report_json
from qc_pipeline.report.write.workbook import write_workbook
from tests.report.inputs import Shape, listen_to, week

SCHEMA = Path(qc_pipeline.report.__file__).parent / "report.schema.json"


def facts(**changed: Any) -> FinalFacts:
    given: dict[str, Any] = {
        "version": 1,
        "day": date(2026, 11, 27),
        "person": "钱经理",
        "before": 92.1,
        "after": 92.4,
        "before_calls": 24,
        "after_calls": 24,
        "corrected": {"appeals": 2},
        "corrected_calls": 2,
    }
    return FinalFacts(**{**given, **changed})


@pytest.fixture(scope="module")
def listened() -> ReportInputs:
    return listen_to(week(Shape(calls=30, past_weeks=3)))


def final(inputs: ReportInputs, **changed: Any) -> ReportInputs:
    return replace(inputs, state="final", final=facts(**changed))


def as_json(view: View) -> Any:
    body = json.loads(report_json(view))
    jsonschema.validate(body, json.loads(SCHEMA.read_text("utf-8")))
    return body


def in_stage(inputs: ReportInputs, state: str) -> View:
    return build_view(final(inputs) if state == "final" else replace(inputs, state=state))


@pytest.mark.parametrize(
    ("state", "label", "banner"),
    [
        ("draft", "初评", "初评（草稿）：机器评分，尚未经人员复核公示。"),
        ("in_review", "初评（复核中）", "初评（草稿）：机器评分，尚未经人员复核公示。"),
        ("published", "公示", "公示：成绩已发布，可在"),
        ("final", "定稿第1版", ""),
    ],
)
def test_each_stage_has_its_label_and_its_banner(
    listened: ReportInputs, state: str, label: str, banner: str
) -> None:
    view = in_stage(listened, state)
    assert view.state_label == label
    _, *told = view.banners  # the first is that of the sample model
    assert len(told) == bool(banner)
    assert "".join(told).startswith(banner)
    body = as_json(view)
    assert body["state"] == state
    assert (body["final"] is None) == (state != "final")
    assert {"what": "状态", "value": label} in body["tables"]["stage"]["rows"]


@pytest.mark.parametrize("state", ["published", "final"])
def test_once_public_nothing_waits_for_a_person(listened: ReportInputs, state: str) -> None:
    view = in_stage(listened, state)
    assert any(f.label == "未复听" for f in view.figures)
    assert not any("待复核" in f.label for f in view.figures)
    assert not any(t.what == "复核" for t in view.tasks)


def test_only_a_report_that_is_not_final_has_a_sheet_for_objections(
    listened: ReportInputs, tmp_path: Path
) -> None:
    names = []
    for state in ("published", "final"):
        write_workbook(in_stage(listened, state), tmp_path / f"{state}.xlsx")
        book = CalamineWorkbook.from_path(tmp_path / f"{state}.xlsx")
        names.append(book.sheet_names)
    assert "异议申请" in names[0] and "异议申请" not in names[1]
    rows = book.get_sheet_by_name("阶段与版本").to_python()
    assert ["状态", "定稿第1版"] in rows
    assert ["版本", "定稿第1版：92.10→92.40，申诉更正2处"] in rows


@pytest.mark.parametrize(
    ("changed", "zh", "en"),
    [
        ({}, "92.10→92.40，申诉更正2处", "listened score 92.10 → 92.40, 2 corrected on objection"),
        (
            {"after": 92.1049, "corrected": {}},
            "92.10，成绩未变，公示后无更正",
            "listened score 92.10, unchanged, nothing corrected after publication",
        ),
        (
            {"before": None, "corrected": {"others": 1, "words": 2, "decisions": 3}},
            "公示时尚无复听成绩，现为92.40，复核改判3处，文字更正2处，随之变动1处",
            "no listened score when published, now 92.40, 3 decided otherwise, "
            "2 by corrected words, 1 following from these",
        ),
        (
            {"before": None, "after": None, "corrected": {"rules": 4, "rubric": 1}},
            "尚无复听成绩，规则更正4处，换用评分标准1处",
            "no listened score, 4 by a corrected rule, 1 by another rubric",
        ),
    ],
)
def test_the_line_of_a_version(changed: dict[str, Any], zh: str, en: str) -> None:
    assert version_line(facts(**changed), Translator("zh")) == f"定稿第1版：{zh}"
    assert version_line(facts(**changed), Translator("en")) == f"final, version 1: {en}"


def test_an_agent_is_told_the_version_and_not_the_centre_s_score(listened: ReportInputs) -> None:
    who = next(r.agent_id for r in listened.recordings if r.agent_id)
    own = replace(listened, options=replace(listened.options, audience=f"agent:{who}"))
    view = build_view(final(own))
    assert view.version_line == "定稿第1版"
    assert as_json(view)["final"] == {"version": 1, "day": "2026-11-27", "line": "定稿第1版"}
    assert "92.4" not in report_json(view)


def marked(inputs: ReportInputs) -> ReportInputs:
    who = next(r.agent_id for r in inputs.recordings if r.agent_id and not r.mystery)
    mark = AssessmentMark(period="2026-W47", agent_id=who, source="录音", value=90.0, weight=1.0)
    return replace(inputs, marks=(mark,))


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        ("draft", "依据初评成绩，仅供预览，不作奖金依据。"),
        ("in_review", "依据初评成绩，仅供预览，不作奖金依据。"),
        ("published", "依据公示成绩，定稿前可能更正；奖金以定稿为准。"),
        ("final", "依据定稿第1版成绩，可作奖金依据。"),
    ],
)
def test_composed_assessments_say_which_stage_they_rest_on(
    listened: ReportInputs, state: str, wanted: str
) -> None:
    view = in_stage(marked(listened), state)
    blocks = [b for s in view.sections for b in s.blocks]
    blocks += [b for page in view.agents for s in page.sections for b in s.blocks]
    notes = [b.note for b in blocks if isinstance(b, TableBlock) and b.id == "composed"]
    assert len(notes) == 2  # of all, and on the agent's own page
    assert all(note.startswith(wanted) for note in notes)


def test_the_month_of_a_final_report_is_made_of_final_periods_alone(
    listened: ReportInputs,
) -> None:
    def at(past: PastPeriod, state: str) -> PastPeriod:
        calls = tuple(replace(c, listened=True, total=50.0) for c in past.calls)
        version = 1 if state == "final" else None
        return replace(past, state=state, version=version, calls=calls)

    one, two, three = listened.past
    inputs = replace(listened, past=(one, at(two, "final"), at(three, "published")))
    agents = {c.agent_id for p in inputs.past for c in p.calls if c.agent_id and c.counts}
    own = build_model(replace(listened, past=())).month
    for agent in sorted(agents):
        in_month = [sum(c.agent_id == agent and c.counts for c in p.calls) for p in inputs.past]
        before = len(own[agent].totals) if agent in own else 0
        preview = build_model(replace(inputs, state="published")).month[agent]
        ended = build_model(final(inputs)).month.get(agent)
        assert len(preview.totals) == before + in_month[1] + in_month[2]
        assert (0 if ended is None else len(ended.totals)) == before + in_month[1]

    def note(view: View) -> str:
        (table,) = (
            b
            for s in view.sections
            for b in s.blocks
            if isinstance(b, TableBlock) and b.id == "agents"
        )
        return table.note

    names = (two.name, three.name)
    assert (
        f"本月成绩由已定稿的{names[0]}（定稿第1版）、2026-W47（定稿第1版）合计，"
        f"不含未定稿的{names[1]}（公示）。" in note(build_view(final(inputs)))
    )
    assert f"{names[1]}（公示）、2026-W47（公示），未定稿的仅供预览。" in note(
        build_view(replace(inputs, state="published"))
    )


@given(seed=st.integers(0, 2**16), share=st.sampled_from((0.0, 0.3, 1.0)))
def test_the_listened_score_of_a_version_is_that_of_the_report_s_head(
    seed: int, share: float
) -> None:
    inputs = week(Shape(calls=24, seed=seed))
    names = sorted(inputs.scorecards)[: round(share * len(inputs.scorecards))]
    inputs = listen_to(inputs, names)
    rows = {r.recording_id: r for r in inputs.recordings}
    told = head(build_model(inputs))
    mean, calls = listened_score(
        inputs.sample, {k: c for k, c in inputs.scorecards.items() if not rows[k].mystery}
    )
    assert calls == told.listened_drawn
    assert mean == (None if told.mean is None else pytest.approx(told.mean, abs=1e-12))
