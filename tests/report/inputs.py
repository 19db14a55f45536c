"""A week of invented scorecards for the report's tests: seeded, never part of the product.

Agents are called by ordinals, teams by letters; nobody in here exists.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from qc_pipeline.call import Failure, Recording
from qc_pipeline.errors import Problem
from qc_pipeline.message import Message, read_message
from qc_pipeline.report.appeal_facts import AppealFacts, AppealStep
from qc_pipeline.report.inputs import (
    Deadlines,
    MakingFacts,
    PastCall,
    PastPeriod,
    PeriodFacts,
    ReportInputs,
    ReportOptions,
)
from qc_pipeline.sampling.sample import Exclusion, Pick, Sample, StratumRow
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
from tests.report.made_card import card
from tests.report.made_rubric import CRITERIA, MANUAL, SHA, rubric
from tests.report.made_talk import envelope, talk

ZONE = ZoneInfo("Asia/Shanghai")
TEAMS = ("一组", "二组", "三组")
BUSINESS = ("账单咨询", "业务办理", "投诉", "故障报修")


@dataclass(frozen=True, slots=True)
class Shape:
    """How big the week is; `wordings`: what agents say instead of what they should differs."""

    calls: int = 30
    teams: int = 3
    agents: int = 4
    past_weeks: int = 0
    seed: int = 20261116
    wordings: bool = False


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
        Failure(recording_id=r.recording_id, stage="audio", reason=Message.of("audio.empty"))
        for r in picked[3:4]
    )
    failed = {f.recording_id for f in failures}
    transcripts = {r.recording_id: talk(dice, r) for r in picked if r.recording_id not in failed}
    by_id = {r.recording_id: r for r in picked}
    cards = {k: card(dice, t, by_id[k], wordings=shape.wordings) for k, t in transcripts.items()}
    return ReportInputs(
        options=ReportOptions(contact="质检组 分机 6020", **options),
        period=PeriodFacts(name="2026-W47", start=start, end=start + timedelta(days=6)),
        recordings=rows,
        sample=_sample(rows, picked),
        scorecards=cards,
        transcripts=transcripts,
        envelopes={k: envelope(dice, t) for k, t in transcripts.items()},
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
            recogniser=Message.of("making.recogniser", model="sample", precision="int8"),
            is_sample_model=True,
            model_sha256="ab" * 32,
            versions={"qc-pipeline": "0.1.0"},
            list_name="calls.csv",
            list_sha256="cd" * 32,
            zone="Asia/Shanghai",
        ),
    )


def listen_to(inputs: ReportInputs, ids: Collection[str] | None = None) -> ReportInputs:
    """The same week in which a person decided every item of these calls (None: of all): what was
    deducted stands, what was held or left to a person is found well done.
    """
    cards = {
        k: listened_card(c) if ids is None or k in ids else c for k, c in inputs.scorecards.items()
    }
    return replace(inputs, scorecards=cards)


def listened_card(card: Scorecard) -> Scorecard:
    def decided(result: CriterionResult) -> CriterionResult:
        if result.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE):
            return result
        verdict = Verdict.FAIL if result.verdict is Verdict.FAIL else Verdict.PASS
        return replace(result, verdict=verdict, decided_by="person", proposed=False, stake=0.0)

    return replace(
        card,
        provisional=False,
        sections=tuple(
            replace(s, criteria=tuple(decided(c) for c in s.criteria)) for s in card.sections
        ),
    )


def appeal_facts(
    before: Scorecard,
    *,
    number: int,
    said: str = "",
    after: Scorecard | None = None,
    person: str = "孙组长",
    **more: Any,
) -> AppealFacts:
    """What a report knows of an objection raised on the 23rd at nine."""
    raised = datetime(2026, 11, 23, 9, 0, tzinfo=ZONE)
    given: dict[str, Any] = {
        "kind": "score",
        "second": False,
        "late": False,
        "raised_by": person,
        "raised_for": None,
        "requested_at": None,
        "decided_by": "",
        "steps": (AppealStep(at=raised, kind="raised", person=person, reason=said, number=number),),
        **more,
    }
    return AppealFacts(
        number=number, raised_at=raised, before=before, after=after or before, **given
    )


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
        excluded=(
            Exclusion(recording_id=rows[-1].recording_id, reason=read_message("通话时长不足 5 秒")),
        ),
    )


def _stratum(row: Recording) -> str:
    length = row.duration_s or 0.0
    band = "0–60" if length < 60 else "60–120" if length < 120 else "120+"
    hour = row.start_time.hour
    slot = "shift_start" if hour < 9 else "meal" if hour in (12, 17) else "other"
    return f"{band}/{slot}"


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
                duration_s=(28.0, 46.0, 75.0, 130.0, 240.0)[i % 5],
                slot=("shift_start", "meal", "other")[i % 3],
                contact=("first", "repeat")[i % 2],
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
