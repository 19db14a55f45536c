"""Invented scorecards for the report's tests: they fail what the transcript shows."""

from __future__ import annotations

import random
from typing import Any

from qc_pipeline.call import Recording, Speaker, Transcript
from qc_pipeline.scoring.evidence.finding import Evidence, EvidenceKind, Verdict
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard, SectionResult
from tests.report.made_rubric import BANDS, CRITERIA, MANUAL, SECTIONS, SHA

INSTEAD = (
    "好的请您稍等我帮您查询一下",
    "那个您这边稍等一下啊我看看",
    "哪个号码要查您先报一下",
    "行我给您看看到底是怎么回事",
    "您好您说",
    "嗯您继续说我在听",
    "这个业务需要您本人去营业厅办理",
)


def card(
    dice: random.Random, heard: Transcript, row: Recording, *, wordings: bool = False
) -> Scorecard:
    """Fails what the transcript shows, and some absences by chance; `wordings`: what was said
    instead differs from call to call."""
    results: dict[int, list[CriterionResult]] = {0: [], 1: [], 2: []}
    for entry in CRITERIA:
        results[entry[3]].append(
            _result(dice, entry, heard, INSTEAD[row.row % len(INSTEAD)] if wordings else INSTEAD[0])
        )
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


def _result(
    dice: random.Random, entry: tuple[Any, ...], heard: Transcript, instead: str
) -> CriterionResult:
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
                quote=instead,
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
