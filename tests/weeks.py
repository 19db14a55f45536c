"""A small week with written transcripts, so that what people decide can be tested in seconds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qc_pipeline.review.transcript_editor import as_text
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.card_sources import made_from
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import kept_sample
from qc_pipeline.workspace.settings import load_settings
from tests.in_process import Result, invoke

PERIOD = "2026-W46"

SETTINGS = """\
[paths]
calls = "calls.csv"
recordings = "recordings"

[asr]
backend = "imported"

[sampling]
budget_calls = 99
agent_min = 0
duration_s = []
slots = []
seed = "test"

[rubrics]
default = "mini"

[runner]
kind = "inline"
"""

PEOPLE = """
[people.wang]
name = "王质检"
roles = ["inspector"]
[people.li]
name = "李质检"
roles = ["inspector"]
[people.zhao]
name = "赵复核"
roles = ["reviewer"]
[people.qian]
name = "钱经理"
roles = ["manager"]
[people.sun]
name = "孙组长"
roles = ["lead"]
team = "一组"
deputy = "周副组长"
[people.zhou]
name = "周副组长"
[people.wu]
name = "吴组长"
roles = ["lead", "reviewer"]
team = "二组"
"""

RUBRIC = """\
rubric: mini
version: "1"
title: 小标准
language: zh
points: 100
pass_mark: 85
bands:
  - {from: 85, label: 合格}
  - {from: 0, label: 不合格}
sections:
  - id: etiquette
    title: 服务礼仪
    report_part: 服务礼仪
    points: 60
    criteria:
      - id: greeting
        title: 开头规范用语
        points: 20
        confirm: machine
        expect: {said: {by: agent, any: [您好]}}
      - id: taboo
        title: 服务禁语
        points: 30
        confirm: machine
        forbid: {said: {by: agent, any: [你听不懂吗, 说了多少遍了]}}
      - id: tone
        title: 语气
        points: 10
        manual: true
  - id: process
    title: 服务流程
    report_part: 服务流程
    points: 40
    criteria:
      - id: promise
        title: 承诺回电
        points: 40
        severity: major
        expect: {said: {by: agent, any: [给您回电]}}
      - id: abuse
        title: 辱骂客户
        severity: fatal
        forbid: {said: {by: agent, any: [神经病]}}
"""

FINE = (("agent", "您好请问有什么可以帮您"), ("customer", "我要查账单"), ("agent", "稍后给您回电"))

CALLS: dict[str, tuple[tuple[str, str], ...]] = {
    "r1": FINE,
    # r2: no greeting; r3 and r4: a taboo word; r5: no promise (major); r6: abuse (fatal).
    "r2": (("agent", "喂请讲一下"), ("customer", "我要查账单"), ("agent", "稍后给您回电")),
    "r3": (FINE[0], ("agent", "你听不懂吗"), FINE[2]),
    "r4": (FINE[0], ("customer", "什么"), ("agent", "说了多少遍了"), FINE[2]),
    "r5": (FINE[0], ("customer", "我要查账单"), ("agent", "好的再见")),
    "r6": (FINE[0], ("customer", "快点"), ("agent", "神经病"), FINE[2]),
}
TEAMS = {"r1": "一组", "r2": "一组", "r3": "一组", "r4": "二组", "r5": "二组", "r6": "二组"}


def transcript(recording_id: str, lines: tuple[tuple[str, str], ...], confidence: float) -> Any:
    turns, at = [], 1.0
    for speaker, text in lines:
        end = round(at + 0.25 * len(text), 2)
        turns.append(
            {
                "speaker": speaker,
                "start_s": at,
                "end_s": end,
                "text": text,
                "confidence": confidence,
                "words": [],
            }
        )
        at = round(end + 2.0, 2)
    speech = {
        s: [[t["start_s"], t["end_s"]] for t in turns if t["speaker"] == s]
        for s in ("agent", "customer")
    }
    return {
        "format": "qc-transcript/1",
        "recording_id": recording_id,
        "language": "zh",
        "duration_s": at + 5,
        "asr": {"backend": "written", "model": "by hand"},
        "speech": speech,
        "turns": turns,
    }


def make_week(
    folder: Path,
    *,
    people: bool = True,
    url: str | None = None,
    doubtful: tuple[str, ...] = ("r4",),
    more: Mapping[str, tuple[tuple[str, str], ...]] | None = None,
    fields: Mapping[str, Mapping[str, str]] | None = None,
    rows_after: Sequence[str] = (),
    rubric: str = RUBRIC,
) -> Path:
    """A workspace with six calls scored: see `CALLS`; `doubtful` ones were heard badly, `more`
    calls are of 一组, on the last day. `fields` are more columns of the list: values by recording;
    `rows_after` stand at the list's end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recordings").mkdir(exist_ok=True)
    (folder / "rubrics").mkdir(exist_ok=True)
    (folder / "heard").mkdir(exist_ok=True)
    (folder / "rubrics" / "mini.yaml").write_text(rubric, encoding="utf-8")
    settings = SETTINGS + (PEOPLE if people else "")
    if url is not None:
        settings += f'\n[store]\nurl = "{url}"\n'
    (folder / "qc.toml").write_text(settings, encoding="utf-8")
    extra = dict(fields or {})
    head = ["recording_id,path,start_time,agent_id,agent_name,team,duration_s", *extra]
    rows = [",".join(head)]
    for number, (recording_id, lines) in enumerate({**CALLS, **(more or {})}.items()):
        body = transcript(recording_id, lines, 0.3 if recording_id in doubtful else 0.98)
        (folder / "heard" / f"{recording_id}.json").write_text(
            json.dumps(body, ensure_ascii=False), encoding="utf-8"
        )
        day = min(9 + number, 15)
        rows.append(
            f"{recording_id},{recording_id}.wav,2026-11-{day:02}T10:00:00,a{number},"
            f"坐席{number},{TEAMS.get(recording_id, '一组')},{body['duration_s']}"
            + "".join(f",{values.get(recording_id, '')}" for values in extra.values())
        )
    rows += rows_after
    (folder / "calls.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    qc(folder, "sample", "-p", PERIOD)
    qc(folder, "transcribe", "-p", PERIOD, "--from", str(folder / "heard"))
    qc(folder, "score", "-p", PERIOD)
    return folder


def qc(folder: Path, *words: str, expect: int | None = 0, stdin: str | None = None) -> Result:
    """`qc WORDS -C folder`, in this process."""
    result = invoke(*words, "-C", str(folder), stdin=stdin)
    if expect is not None:
        assert result.code == expect, f"{words}\n{result.out}\n{result.err}"
    return result


def qc_json(folder: Path, *words: str, expect: int = 0) -> Any:
    return json.loads(qc(folder, *words, "--json", expect=expect).out)


def record_of(folder: Path) -> closing[Record]:
    """The record of a workspace, opened beside the command line."""
    url = load_settings(folder).store_url()
    return closing(Record(url, now=lambda: datetime.now(UTC), who="test"))


def words_of(folder: Path, recording: str, *changes: tuple[str, str]) -> Path:
    """The text an editor would show, with replacements made."""
    with record_of(folder) as record:
        kept = kept_sample(record, PERIOD)
        assert kept is not None
        card = outcomes_of(record, kept.seq)[recording]
        assert isinstance(card, Scorecard)
        text = as_text(made_from(record, card).transcript)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "words.txt"
    path.write_text(text, encoding="utf-8")
    return path
