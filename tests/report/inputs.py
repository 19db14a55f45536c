"""A week of invented scorecards for the report's tests: seeded, never part of the product.

Agents are called by ordinals, teams by letters; nobody in here exists.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from qc_pipeline.call import AsrIdentity, Failure, Recording, Speaker, Transcript, Turn, Word
from qc_pipeline.errors import Problem
from qc_pipeline.report.inputs import (
    Deadlines,
    Envelope,
    MakingFacts,
    PastCall,
    PastPeriod,
    PeriodFacts,
    ReportInputs,
    ReportOptions,
)
from qc_pipeline.sampling.sample import Exclusion, Pick, Sample, StratumRow
from qc_pipeline.scoring.scorecard import (
    CriterionResult,
    Evidence,
    EvidenceKind,
    Scorecard,
    SectionResult,
    Verdict,
)
from tests.report.made_rubric import BANDS, CRITERIA, MANUAL, SECTIONS, SHA, rubric

ZONE = ZoneInfo("Asia/Shanghai")
TEAMS = ("一组", "二组", "三组")
BUSINESS = ("账单咨询", "业务办理", "投诉", "故障报修")


@dataclass(frozen=True, slots=True)
class Shape:
    """How big the week is."""

    calls: int = 30
    teams: int = 3
    agents: int = 4
    past_weeks: int = 0
    seed: int = 20261116


def week(shape: Shape = Shape(), **options: Any) -> ReportInputs:
    """A week's inputs; the same shape gives the same values."""
    dice = random.Random(shape.seed)
    start = date(2026, 11, 16)
    agents = [
        (team, f"{8000 + 100 * t + a}", f"坐席{t + 1}-{a + 1}")
        for t, team in enumerate(_teams(shape.teams))
        for a in range(shape.agents)
    ]
    rows = tuple(_row(dice, i, start, agents) for i in range(max(shape.calls * 4, shape.calls + 8)))
    picked = rows[: shape.calls]
    failures = tuple(
        Failure(recording_id=r.recording_id, stage="audio", reason="录音文件为空(0 字节)")
        for r in picked[3:4]
    )
    failed = {f.recording_id for f in failures}
    transcripts = {r.recording_id: talk(dice, r) for r in picked if r.recording_id not in failed}
    cards = {k: card(dice, t, picked_row(picked, k)) for k, t in transcripts.items()}
    return ReportInputs(
        options=ReportOptions(contact="质检组 分机 6020", **options),
        period=PeriodFacts(name="2026-W47", start=start, end=start + timedelta(days=6)),
        recordings=rows,
        sample=_sample(rows, picked),
        scorecards=cards,
        transcripts=transcripts,
        envelopes={k: _envelope(dice, t) for k, t in transcripts.items()},
        failures=failures,
        excluded_rows=(
            Problem(path="calls.csv", line=17, message="start_time is no time", found="11/31/2026"),
        ),
        rubrics=(rubric(),),
        deadlines=Deadlines(
            follow_ups=date(2026, 11, 25), objections=date(2026, 11, 25), provisional=True
        ),
        past=tuple(_past(shape, agents, start, n) for n in range(shape.past_weeks, 0, -1)),
        making=MakingFacts(
            recogniser="faster-whisper, sample, int8",
            is_sample_model=True,
            model_sha256="ab" * 32,
            versions={"qc-pipeline": "0.1.0"},
            list_name="calls.csv",
            list_sha256="cd" * 32,
            zone="Asia/Shanghai",
        ),
    )


def picked_row(rows: Sequence[Recording], recording_id: str) -> Recording:
    return (
        next(r for r in rows if r.recording_id == recording_id)
        if len(rows) < 100
        else _index(rows)[recording_id]
    )


_INDEX: dict[int, dict[str, Recording]] = {}


def _index(rows: Sequence[Recording]) -> dict[str, Recording]:
    return _INDEX.setdefault(id(rows), {r.recording_id: r for r in rows})


def _teams(count: int) -> tuple[str, ...]:
    return TEAMS[:count] if count <= 3 else tuple(f"{n}组" for n in range(1, count + 1))


def _row(
    dice: random.Random, number: int, start: date, agents: Sequence[tuple[str, str, str]]
) -> Recording:
    team, agent, name = agents[number % len(agents)]
    when = datetime(start.year, start.month, start.day, 8, 0, tzinfo=ZONE) + timedelta(
        days=number % 7, minutes=dice.randrange(0, 720), seconds=dice.randrange(60)
    )
    fields: dict[str, str | int | float | bool] = {
        "team": team,
        "agent_name": name,
        "business": BUSINESS[dice.randrange(len(BUSINESS))],
        "duration_s": float(dice.choice((28, 46, 58, 75, 96, 130, 190, 240))),
        "contact": dice.choice(("first", "first", "repeat")),
        "satisfaction": dice.choice(("非常满意", "满意", "满意", "一般", "不满意")),
        "resolved": dice.random() < 0.93,
        "queue_s": float(dice.randrange(0, 60)),
        "acw_s": float(dice.randrange(20, 70)),
        "mystery": number == 11,
    }
    return Recording(
        recording_id=f"20261116-13800138{number % 1000:03d}-{number:05d}",
        path=f"{number:05d}.ogg",
        start_time=when,
        agent_id=agent,
        fields=fields,
        row=number + 2,
    )


LINES = (
    ("agent", "您好,请问有什么可以帮您"),
    ("customer", "我想问一下上个月的账单怎么多了五十块"),
    ("agent", "好的请您稍等我帮您查询一下"),
    ("customer", "好"),
    ("agent", "让您久等了这边看到您上个月开通了一个视频会员"),
    ("customer", "我没有开通过啊你们怎么乱扣费"),
    ("agent", "非常抱歉给您带来不便我帮您登记一下"),
    ("customer", "我的电话是幺三八零零幺三八零零零"),
    ("agent", "好的我跟您核对一下一三八零零一三八零零零对吗"),
    ("customer", "对"),
    ("agent", "我们会在二十四小时内给您答复"),
    ("customer", "那好吧"),
    ("agent", "感谢您的来电再见"),
)


def turn(speaker: Speaker, start_s: float, text: str, *, pace_s: float = 0.22) -> Turn:
    words = tuple(
        Word(
            text=c,
            start_s=round(start_s + i * pace_s, 2),
            end_s=round(start_s + (i + 1) * pace_s, 2),
            confidence=0.93,
        )
        for i, c in enumerate(text)
        if c not in ",。 "
    )
    return Turn(
        speaker=speaker,
        start_s=round(start_s, 2),
        end_s=round(start_s + len(text) * pace_s, 2),
        text=text,
        confidence=0.93,
        words=words,
    )


def talk(dice: random.Random, row: Recording) -> Transcript:
    """The lines above with some of the faults' words put in, and a silence."""
    lines = list(LINES)
    for entry in CRITERIA:
        if entry[6] and dice.random() < entry[5]:
            lines.insert(dice.randrange(2, len(lines) - 1), ("agent", entry[6]))
    at = 0.8
    turns = []
    for i, (who, text) in enumerate(lines):
        made = turn(Speaker(who), at, text)
        turns.append(made)
        at = made.end_s + (8.5 if i == 3 else dice.choice((0.3, 0.5, 0.9)))
    return transcript(row.recording_id, turns)


def transcript(recording_id: str, turns: Sequence[Turn]) -> Transcript:
    return Transcript(
        recording_id=recording_id,
        language="zh",
        duration_s=round(turns[-1].end_s + 0.8, 2) if turns else 1.0,
        asr=AsrIdentity(backend="faster-whisper", model="sample", model_sha256="ab" * 32),
        turns=tuple(turns),
        speech={s: tuple((t.start_s, t.end_s) for t in turns if t.speaker is s) for s in Speaker},
    )


def card(dice: random.Random, heard: Transcript, row: Recording) -> Scorecard:
    """Fails what the transcript shows, and some absences by chance."""
    results: dict[int, list[CriterionResult]] = {0: [], 1: [], 2: []}
    for entry in CRITERIA:
        results[entry[3]].append(_result(dice, entry, heard))
    fatal = tuple(
        r.id for rs in results.values() for r in rs if r.severity == "fatal" and r.verdict == "fail"
    )
    lost = sum(r.lost for rs in results.values() for r in rs)
    total = 0.0 if fatal else max(0.0, 100.0 - lost)
    return Scorecard(
        recording_id=row.recording_id,
        rubric_id="inbound-zh",
        rubric_version="2026.11",
        rubric_sha256=SHA,
        transcript_sha256=heard.sha256() if row.row == 2 else "ee" * 32,
        points=100.0,
        total=total,
        band=next(label for start, label in BANDS if total >= start),
        passed=total >= 85.0,
        scorable_share=0.92,
        provisional=True,
        fatal=fatal,
        sections=tuple(
            SectionResult(
                id=s[0],
                title=s[1],
                points=s[2],
                lost=sum(r.lost for r in results[i]),
                criteria=tuple(results[i]),
                report_part="服务礼仪" if i == 0 else "服务流程",
            )
            for i, s in enumerate(SECTIONS)
        ),
    )


def _result(dice: random.Random, entry: tuple[Any, ...], heard: Transcript) -> CriterionResult:
    name, title, points, _, severity, rate, words, _ = entry
    verdict, evidence, reason = Verdict.PASS, (), "符合要求"
    if name in MANUAL:
        return CriterionResult(
            id=name,
            title=title,
            verdict=Verdict.UNSCORABLE,
            points=points,
            lost=0.0,
            certainty=1.0,
            reason="需人工评判",
            manual=True,
            stake=points,
        )
    hit = next((i for i, t in enumerate(heard.turns) if words and words in t.text), None)
    if hit is not None:
        spoken = heard.turns[hit]
        verdict, reason = Verdict.FAIL, f"坐席说了“{words}”"
        evidence = (
            Evidence(
                kind=EvidenceKind.SAID,
                start_s=spoken.start_s,
                end_s=spoken.end_s,
                speaker=Speaker.AGENT,
                turn=hit,
                quote=words,
                phrase=words,
                tier=1,
                certainty=0.93,
            ),
        )
    elif not words and dice.random() < rate:
        verdict, reason = Verdict.FAIL, "该段内没有听到规范用语"
        evidence = (
            Evidence(
                kind=EvidenceKind.ABSENT,
                start_s=0.8,
                end_s=12.0,
                speaker=Speaker.AGENT,
                quote="好的请您稍等我帮您查询一下",
            ),
        )
    elif dice.random() < 0.04 and severity != "fatal":
        verdict, reason = Verdict.HELD, "听得不够清楚,需人员确认"
        evidence = (
            Evidence(
                kind=EvidenceKind.SAID,
                start_s=3.0,
                end_s=5.0,
                speaker=Speaker.AGENT,
                turn=0,
                quote="您好",
                phrase="您好",
                tier=4,
                certainty=0.4,
            ),
        )
    elif dice.random() < 0.15:
        verdict, reason = Verdict.NOT_APPLICABLE, "本次通话不涉及"
    failed = verdict is Verdict.FAIL
    return CriterionResult(
        id=name,
        title=title,
        verdict=verdict,
        points=points,
        lost=points if failed else 0.0,
        certainty=0.9,
        reason=reason,
        hits=int(failed),
        evidence=evidence,
        severity=severity,
        stake=points if verdict is Verdict.HELD else 0.0,
        proposed=failed and severity != "minor",
    )


def _sample(rows: Sequence[Recording], picked: Sequence[Recording]) -> Sample:
    strata = {}
    for r in rows:
        strata.setdefault(_stratum(r), [0, 0])[0] += 1
    for r in picked:
        strata[_stratum(r)][1] += 1
    return Sample(
        period="2026-W47",
        seed="2026-W47:3f0c",
        plan={"allocation": "proportional", "budget_calls": len(picked)},
        plan_sha256="12" * 32,
        frame_sha256="34" * 32,
        frame_size=len(rows),
        picks=tuple(
            Pick(
                recording_id=r.recording_id,
                stratum=_stratum(r),
                origin="mystery" if r.mystery else "drawn",
                probability=None if r.mystery else 0.25,
                agent_id=r.agent_id,
                relisten=i % 3 == 0,
            )
            for i, r in enumerate(sorted(picked, key=lambda r: r.recording_id))
        ),
        strata=tuple(
            StratumRow(
                stratum=k,
                duration_band=k.split("/")[0],
                slot=k.split("/")[1],
                frame=strata[k][0],
                allocated=strata[k][0] / 4,
                drawn=strata[k][1],
            )
            for k in sorted(strata)
        ),
        excluded=(Exclusion(recording_id=rows[-1].recording_id, reason="通话时长不足 5 秒"),),
    )


def _stratum(row: Recording) -> str:
    length = row.duration_s or 0.0
    band = "0–60" if length < 60 else "60–120" if length < 120 else "120+"
    hour = row.start_time.hour
    slot = "shift_start" if hour < 9 else "meal" if hour in (12, 17) else "other"
    return f"{band}/{slot}"


def _envelope(dice: random.Random, heard: Transcript) -> Envelope:
    count = int(heard.duration_s * 10)

    def levels(who: Speaker) -> tuple[float, ...]:
        inside = [False] * (count + 1)
        for a, b in heard.speech[who]:
            for i in range(int(a * 10), min(count, int(b * 10) + 1)):
                inside[i] = True
        return tuple(dice.uniform(0.5, 0.95) if on else 0.05 for on in inside)

    return Envelope(rate_hz=10.0, agent=levels(Speaker.AGENT), customer=levels(Speaker.CUSTOMER))


def _past(
    shape: Shape, agents: Sequence[tuple[str, str, str]], start: date, back: int
) -> PastPeriod:
    dice = random.Random(shape.seed + back)
    first = start - timedelta(days=7 * back)
    calls = []
    for i in range(shape.calls):
        team, agent, _ = agents[i % len(agents)]
        lost = {c[0]: c[2] for c in CRITERIA if dice.random() < c[5] and c[4] != "fatal"}
        total = max(0.0, 100.0 - sum(lost.values()))
        calls.append(
            PastCall(
                recording_id=f"past-{back}-{i}",
                agent_id=agent,
                team=team,
                business=BUSINESS[i % len(BUSINESS)],
                day=first + timedelta(days=i % 7),
                total=total,
                passed=total >= 85,
                counts=True,
                lost=lost,
                judged=frozenset(c[0] for c in CRITERIA if c[0] not in MANUAL),
                failed=frozenset(lost),
            )
        )
    return PastPeriod(
        name=f"2026-W{47 - back}" if back < 47 else f"past-{back}",
        start=first,
        end=first + timedelta(days=6),
        rubrics=(SHA,),
        models=("ab" * 32,),
        calls=tuple(calls),
    )
