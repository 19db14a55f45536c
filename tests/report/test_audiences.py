"""Who sees which part, and that nobody's report holds what is not theirs, in any file of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from qc_pipeline.errors import Problem
from qc_pipeline.intake.tables import AssessmentMark, TrafficRow
from qc_pipeline.message import Message
from qc_pipeline.report.inputs import Appeal, Coached, FollowUp, ReplacedCall, ReportInputs
from qc_pipeline.report.model import agent_key, short_keys
from qc_pipeline.report.view import build_view
from qc_pipeline.report.write.render import write_report
from tests.browsing import make_wave
from tests.report.inputs import Shape, appeal_facts, week

AUDIENCES = ("manager", "lead:二组", "agent:zx8100k", "meeting")
ALL = {"manager", "lead", "agent", "meeting"}
OTHERS = {"manager", "lead", "meeting"}
PARTS = {
    "key": ALL,
    "common": OTHERS,
    "tracking": ALL,
    "conduct": OTHERS,
    "conduct1": OTHERS,
    "conduct2": OTHERS,
    "headline": OTHERS,
    "groups": OTHERS,
    "daily": OTHERS,
    "bands": OTHERS,
    "deductions": OTHERS,
    "problems": ALL,
    "people": {"manager", "lead"},
    "coaching": ALL,
    "service-figures": OTHERS,
    "sample": OTHERS,
    "making": ALL,
    "objections": ALL,
    "agent-overview": {"agent"},
    "agent-calls": {"agent"},
}
"""Section → who has it (REQUIREMENTS.md 1 and what follows it)."""


def number_of(agent_id: str) -> str:
    return f"zx{agent_id}k"


@pytest.fixture(scope="module")
def inputs() -> ReportInputs:
    """A week whose every free text names an agent, a colleague of another group, or a test call."""
    base = week(Shape(calls=60, past_weeks=2, teams=3, agents=4))
    rows = tuple(
        replace(r, agent_id=number_of(r.agent_id) if r.agent_id else None) for r in base.recordings
    )
    by_id = {r.recording_id: r for r in rows}
    transcripts = {}
    for key, heard in base.transcripts.items():
        row = by_id[key]
        named = f"您好我是{row.text('agent_name')}工号{row.agent_id}"
        first = replace(heard.turns[0], text=named, words=())
        transcripts[key] = replace(heard, turns=(first, *heard.turns[1:]))
    ordinary = [k for k in sorted(base.scorecards) if not by_id[k].mystery]
    told = [
        next(k for k in ordinary if by_id[k].text("team") == t) for t in ("一组", "二组", "三组")
    ]
    follow_ups, objections, coaching = [], [], []
    for number, key in enumerate(told, start=1):
        row = by_id[key]
        who = f"{row.text('agent_name')} {row.agent_id}"
        more: dict[str, Any] = {
            "team": row.text("team") or "",
            "agent_id": row.agent_id,
            "agent": row.text("agent_name") or "",
        }
        follow_ups.append(
            FollowUp(recording_id=key, what=f"{who} 未登记", who=who, number=number, **more)
        )
        objections.append(
            Appeal(
                recording_id=key,
                criterion_id=None,
                reason=f"{who} 不同意",
                opened_on=date(2026, 11, 24),
                state="rejected",
                answer=f"已向{who}说明",
                facts=appeal_facts(base.scorecards[key], number=number, said=f"{who} 不同意"),
                **more,
            )
        )
        coaching.append(
            Coached(
                number=number,
                criterion="greeting",
                title="开头语",
                recording_id=key,
                start_s=1.0,
                advice=f"{who} 慢一点",
                coach="质检员",
                way="online",
                day=date(2026, 11, 18),
                acknowledged=True,
                judged=3,
                failed=1,
                **more,
            )
        )
    agents = sorted({r.agent_id for r in rows if r.agent_id})
    return replace(
        base,
        recordings=rows,
        transcripts=transcripts,
        sample=replace(
            base.sample,
            picks=tuple(
                replace(p, agent_id=by_id[p.recording_id].agent_id) for p in base.sample.picks
            ),
            notes=(Message.of("draw.short", agents="、".join(agents)),),
        ),
        past=tuple(
            replace(
                p,
                calls=tuple(
                    replace(c, agent_id=number_of(c.agent_id) if c.agent_id else None)
                    for c in p.calls
                ),
            )
            for p in base.past
        ),
        follow_ups=tuple(follow_ups),
        objections=tuple(objections),
        coaching=tuple(coaching),
        marks=tuple(
            AssessmentMark(agent_id=a, source=s, weight=50.0, value=v)
            for a in agents
            for s, v in (("监听成绩", None), ("班长评分", 91.0))
        ),
        traffic=(TrafficRow(day=date(2026, 11, 16), team="二组", offered=90, answered=88),),
        replaced=(
            ReplacedCall(recording_id=told[0], reason="other", text=f"{agents[0]}转错", by=None),
        ),
        excluded_rows=(
            Problem(path="calls.csv", line=17, message="agent_id is empty", found=agents[0]),
        ),
    )


@pytest.fixture(scope="module")
def folders(inputs: ReportInputs, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("audiences")
    found = {}
    for audience in AUDIENCES:
        kind = audience.partition(":")[0]
        found[kind] = place / kind
        options = replace(inputs.options, audience=audience, delete_clips_after=date(2027, 2, 21))
        write_report(build_view(replace(inputs, options=options)), found[kind], make_wave)
    return found


def written(folder: Path) -> dict[str, str]:
    """Every file's name and text: pages, data and each cell of the workbook."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = str(path.relative_to(folder))
        if path.suffix in (".html", ".json"):
            found[name] = path.read_text(encoding="utf-8")
        elif path.suffix == ".xlsx":
            book = CalamineWorkbook.from_path(path)
            found[name] = " ".join(
                str(v)
                for sheet in book.sheet_names
                for row in [[sheet], *book.get_sheet_by_name(sheet).to_python()]
                for v in row
            )
        else:
            found[name] = ""
    assert len(found) > 6
    return found


def hidden_in(folder: Path, secrets: set[str]) -> list[tuple[str, str]]:
    assert secrets and "" not in secrets
    return [
        (name, secret)
        for name, text in written(folder).items()
        for secret in sorted(secrets)
        if secret in text or secret in name
    ]


def people(inputs: ReportInputs, *, but: str = "", team: str = "") -> set[str]:
    """Names and numbers of the agents, without one of them or without a group's."""
    return {
        str(value)
        for r in inputs.recordings
        if r.agent_id and r.agent_id != but and r.text("team") != team
        for value in (r.agent_id, r.text("agent_name"))
    }


def test_each_audience_has_the_parts_of_the_table(
    inputs: ReportInputs, folders: dict[str, Path]
) -> None:
    for kind, folder in folders.items():
        body = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        shown = {s["id"] for s in body["sections"]}
        assert shown <= set(PARTS), shown - set(PARTS)
        assert shown == {part for part, who in PARTS.items() if kind in who}, kind
        page = (folder / "index.html").read_text(encoding="utf-8")
        assert all(f'id="{section}-h"' in page for section in shown)
        for name in ("report.xlsx", "report.json", "calls", "clips"):
            assert (folder / name).exists(), (kind, name)
        assert (folder / "agents").exists() == (kind in ("manager", "lead"))


def test_pages_of_objections_are_of_the_own_calls(folders: dict[str, Path]) -> None:
    found = {
        kind: sorted(p.name for p in folder.glob("appeals/*")) for kind, folder in folders.items()
    }
    assert found == {
        "manager": ["1.html", "2.html", "3.html"],
        "lead": ["2.html"],
        "agent": ["2.html"],
        "meeting": ["1.html", "2.html", "3.html"],
    }


def test_every_part_has_a_sentence_in_words(folders: dict[str, Path]) -> None:
    for kind, folder in folders.items():
        body = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        bare = {"conduct", "key"}  # a heading over numbered ones
        for section in body["sections"]:
            if section["id"] not in bare:
                assert section["sentences"], (kind, section["id"])


def test_the_meeting_version_names_no_agent(inputs: ReportInputs, folders: dict[str, Path]) -> None:
    assert hidden_in(folders["meeting"], people(inputs)) == []
    keys = {agent_key(r.agent_id) for r in inputs.recordings if r.agent_id}
    assert hidden_in(folders["meeting"], keys) == []


def test_a_lead_reads_nobody_of_another_group(
    inputs: ReportInputs, folders: dict[str, Path]
) -> None:
    assert hidden_in(folders["lead"], people(inputs, team="二组")) == []
    own = {str(r.agent_id) for r in inputs.recordings if r.text("team") == "二组"}
    assert {secret for _, secret in hidden_in(folders["lead"], own)} == own


def test_an_agent_reads_of_nobody_else(inputs: ReportInputs, folders: dict[str, Path]) -> None:
    others = people(inputs, but="zx8100k")
    assert hidden_in(folders["agent"], others) == []
    assert hidden_in(folders["agent"], {"zx8100k"})


def test_calls_of_others_have_no_page_clip_or_line(
    inputs: ReportInputs, folders: dict[str, Path]
) -> None:
    keys = short_keys(p.recording_id for p in inputs.sample.picks)
    rows = {r.recording_id: r for r in inputs.recordings}
    mystery = {keys[k] for k in inputs.scorecards if rows[k].mystery}
    assert mystery
    sees = {
        "lead": {keys[k] for k in inputs.scorecards if rows[k].text("team") == "二组"},
        "agent": {keys[k] for k in inputs.scorecards if rows[k].agent_id == "zx8100k"},
        "meeting": {keys[k] for k in inputs.scorecards},
    }
    for kind, own in sees.items():
        own -= mystery
        pages = {p.stem for p in (folders[kind] / "calls").iterdir()}
        assert pages == own
        hidden = {keys[k] for k in keys} - own
        assert hidden_in(folders[kind], hidden) == []
    for key in mystery:
        assert (folders["manager"] / "calls" / f"{key}.html").exists()


def test_test_calls_are_the_managers_alone(folders: dict[str, Path]) -> None:
    for kind in ("lead", "agent", "meeting"):
        assert hidden_in(folders[kind], {"神秘顾客", "mystery"}) == [], kind
    assert hidden_in(folders["manager"], {"神秘顾客"})


def test_numbers_of_customers_stand_in_nobodys_report(
    inputs: ReportInputs, folders: dict[str, Path]
) -> None:
    secrets = {r.recording_id.split("-")[1] for r in inputs.recordings}
    secrets |= {"13800138000", "幺三八零零幺三八零零零", "一三八零零一三八零零零"}
    for folder in folders.values():
        assert hidden_in(folder, secrets) == []


def test_pages_and_clips_are_named_by_hash(folders: dict[str, Path]) -> None:
    for folder in folders.values():
        for path in (*(folder / "calls").iterdir(), *(folder / "clips").iterdir()):
            assert re.fullmatch(r"[0-9a-f]{12,}(-\d+)?\.(html|wav)", path.name)
        for page in (folder / "calls").iterdir():
            text = page.read_text(encoding="utf-8")
            if "<audio" in text:
                assert "2027年2月21日" in text
