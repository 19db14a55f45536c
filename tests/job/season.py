"""A season in a workspace of its own: drawn, scored, listened to and reported, week by week, as the
commands do it; the first month is published.

One inspector hears the calls that were drawn for it, and those with a red line. They know the truth
of each: what waits they decide, what an automatic criterion filled in they change where it is
wrong, what the machine missed they add.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from qc_pipeline.audio.measures import measure_without_sound
from qc_pipeline.call import transcript_from_json
from qc_pipeline.call_table import CallTable
from qc_pipeline.errors import UsageError
from qc_pipeline.job import report
from qc_pipeline.job.automatic import make_automatic
from qc_pipeline.job.draw import sample_stage
from qc_pipeline.job.first_looks import first_looks
from qc_pipeline.job.past_periods import told_periods
from qc_pipeline.job.publish import publish_stage
from qc_pipeline.job.rubric_health import CriterionStanding, standings
from qc_pipeline.job.score import score_stage
from qc_pipeline.message import Message
from qc_pipeline.period.transcript_lookup import IMPORTED, identity_of
from qc_pipeline.report.blocks import TableBlock
from qc_pipeline.report.inputs import PastPeriod
from qc_pipeline.report.model import Personal, ReportModel, build_model
from qc_pipeline.report.sections import agents
from qc_pipeline.report.sections.headline import Head, head
from qc_pipeline.review.decide import one_decision, take_decisions
from qc_pipeline.review.listening import (
    CallToListen,
    Why,
    calls_to_listen,
    heard_without_more,
    passed_criterion,
)
from qc_pipeline.review.publish import publish
from qc_pipeline.sampling.period import Period, parse_period
from qc_pipeline.sampling.quota import month_of
from qc_pipeline.sampling.sample import Sample
from qc_pipeline.scoring.compile import compile_rubric
from qc_pipeline.scoring.decisions import DecisionVerdict
from qc_pipeline.scoring.earned import Autonomy
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.automatic import STOPPED, rows_in_force, standing_automatic
from qc_pipeline.store.decisions import NewDecision
from qc_pipeline.store.outcomes import outcome_rows, with_cards
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import KeptSample, drawn_periods
from qc_pipeline.store.transaction import Reads
from qc_pipeline.store.transcriptions import Transcription, keep_transcription
from qc_pipeline.workspace.open_workspace import Workspace, open_workspace
from qc_pipeline.workspace.people import Actor
from tests.job.season_drawn import A_MONTH, HOURS
from tests.job.season_world import (
    ABUSE,
    HANDLING,
    ITEMS,
    PERIODS,
    POINTS,
    Week,
    rubric_text,
    transcript_of,
    week_of,
    write_call_list,
)

RED_LINE_EVERY = 3
"""In every third week the machine hears abuse in one call, where there is none."""
ADDED_FROM_S = 30.0
"""From here on lie the added deductions, apart from each other: what overlaps costs once."""
LEFT_EVERY = 3
"""In every third week there is no time for one call of the random part."""
INSPECTOR, MANAGER = Actor(name="质检员"), Actor(name="质检经理")
PLACE = {item.id: i for i, item in enumerate(ITEMS)}
SETTINGS = f"""\
[paths]
calls = "calls.csv"
recordings = "recordings"

[asr]
backend = "imported"

[sampling]
agent_min = 0
duration_s = []
slots = []

[review]
hours = {HOURS}
calls_an_agent_a_month = {A_MONTH}

[rubrics]
default = "season"

[runner]
kind = "inline"
"""


class Clock:
    """The season's own: what is done in a week is done on the Monday after it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Quiet:
    """A `Progress` that says nothing."""

    def stage(self, name: str, total: int) -> None: ...

    def step(self, what: str | Message, *more: Message) -> None: ...

    def say(self, what: str | Message) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """What the inspector of a week did: calls `heard`, and `left` for want of time; of every
    criterion how often it was `asked` for, `filled` in, `changed` where it was filled in, and
    `added`.
    """

    heard: frozenset[str]
    left: frozenset[str]
    asked: Counter[str]
    filled: Counter[str]
    changed: Counter[str]
    added: Counter[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptWeek:
    """A week as it was listened to: the truth of it, the sample that was kept, what the inspector
    did, and what decided by itself or was stopped meanwhile. Of its report: the `head`, every
    agent's figure of the week (`personal`) and of the `month`, and the rows of the table of agents.
    """

    week: Week
    sample: Sample
    inspected: Inspected
    automatic: frozenset[str]
    stopped: frozenset[str]
    head: Head
    personal: Mapping[str, Personal]
    month: Mapping[str, Personal]
    table: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    weeks: tuple[KeptWeek, ...]
    standings: Mapping[str, CriterionStanding]
    refused: Mapping[str, str | None]


def weeks_of(seed: int) -> tuple[Week, ...]:
    """The season's weeks; a call that was drawn for it or not has the red line."""
    made = []
    for number in range(len(PERIODS)):
        week = week_of(number, seed)
        has_one = number % RED_LINE_EVERY == RED_LINE_EVERY - 1
        abusive = (np.arange(len(week.calls)) == number) & has_one
        made.append(replace(week, abusive=abusive))
    return tuple(made)


def make_season(folder: Path, seed: int) -> Season:
    """Twelve weeks, one after the other, in `folder`."""
    weeks = weeks_of(seed)
    for name in ("recordings", "rubrics"):
        (folder / name).mkdir(parents=True)
    (folder / "qc.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "rubrics" / "season.yaml").write_text(rubric_text(), encoding="utf-8")
    write_call_list(folder / "calls.csv", weeks)
    workspace, clock = open_workspace(folder), Clock()
    record = Record(workspace.settings.store_url(), now=clock, who="season")
    try:
        with patch.object(report, "past_periods", _earlier_in_the_month):
            kept = tuple(_one_week(workspace, record, clock, week) for week in weeks)
        found = _standings(workspace, record)
        stopped = [k for k, s in found.items() if s.earned.standing is Autonomy.STOPPED]
        refused = {k: _record(workspace, record, k) for k in stopped[:1]}
    finally:
        record.close()
    return Season(weeks=kept, standings=found, refused=refused)


def _one_week(workspace: Workspace, record: Record, clock: Clock, week: Week) -> KeptWeek:
    clock.now = _monday_after(week.period)
    automatic = frozenset(r.criterion for r in standing_automatic(record))
    kept = sample_stage(workspace, record, week.period, progress=Quiet())
    _take_in(record, week)
    score_stage(workspace, record, kept, progress=Quiet())
    stopped = frozenset(r.criterion for r in rows_in_force(record) if r.state == STOPPED)
    inspected = listen(workspace, record, kept, week)
    if month_of(week.period) == month_of(PERIODS[0]):
        publish(record, workspace.settings, kept, MANAGER)
    with record.snapshot() as now:
        model = build_model(report.report_inputs(workspace, now, kept, audio=False))
    for criterion, standing in _standings(workspace, record).items():
        if standing.earned.standing is Autonomy.AUTOMATIC and standing.since is None:
            assert _record(workspace, record, criterion) is None
    return KeptWeek(
        week=week,
        sample=kept.sample,
        inspected=inspected,
        automatic=automatic,
        stopped=stopped,
        head=head(model),
        personal={agent: model.personal(calls) for agent, calls in agents.agents_shown(model)},
        month=model.month,
        table=_table_of_agents(model),
    )


def _take_in(record: Record, week: Week) -> None:
    """Keep a week's words as `qc transcribe --from` keeps those that came without sound."""
    with record.transaction() as tx:
        for place, call in enumerate(week.calls):
            transcript = transcript_from_json(transcript_of(week, place))
            sha256 = transcript.sha256()
            made = Transcription(
                identity_sha256=identity_of(sha256, IMPORTED),
                audio_sha256=sha256,
                hearing_sha256=IMPORTED,
                transcript=transcript,
                measures=measure_without_sound(transcript),
                envelope=None,
            )
            keep_transcription(tx, call.recording_id, made)


def _table_of_agents(model: ReportModel) -> tuple[Mapping[str, Any], ...]:
    """The rows that people see, by column."""
    (section,) = agents.build(model)
    (table,) = [b for b in section.blocks if isinstance(b, TableBlock) and b.id == "agents"]
    names = [c.key for c in table.columns]
    return tuple(dict(zip(names, row, strict=True)) for row in table.rows)


def report_of_first_week(folder: Path) -> Mapping[str, Any]:
    """The report that `qc publish` writes of the first week, as it lies in the folder."""
    workspace, clock = open_workspace(folder), Clock()
    clock.now = _monday_after(PERIODS[0])
    record = Record(workspace.settings.store_url(), now=clock, who="season")
    try:
        kept = sample_stage(workspace, record, PERIODS[0], progress=Quiet())
        page = publish_stage(workspace, record, kept, MANAGER, progress=Quiet()).report
    finally:
        record.close()
    body: Mapping[str, Any] = json.loads((page.parent / "report.json").read_text("utf-8"))
    return body


def _earlier_in_the_month(
    record: Reads, kept: KeptSample, calls: CallTable, *, until: datetime | None = None
) -> tuple[PastPeriod, ...]:
    """The past periods that personal figures of a month need; reading all twelve for every report
    takes as long as all the scoring.
    """
    month = month_of(parse_period(kept.sample.period))
    earlier = [p for p in drawn_periods(record) if p[2] < kept.start_day]
    mine = [p for p in earlier if month_of(parse_period(p[0])) == month]
    return told_periods(record, mine, calls, until=until)


def _monday_after(period: Period) -> datetime:
    return datetime.combine(period.end + timedelta(days=1), time(9), UTC)


def _standings(workspace: Workspace, record: Record) -> Mapping[str, CriterionStanding]:
    (rubric,) = workspace.rubrics.of_id("season")
    return standings(
        record, rubric, first_looks(record, workspace.settings, compile_rubric(rubric))
    )


def _record(workspace: Workspace, record: Record, criterion: str) -> str | None:
    """Record that a criterion is automatic; why not, where it is refused."""
    (rubric,) = workspace.rubrics.of_id("season")
    (one,) = [c for c in rubric.criteria() if c.id == criterion]
    try:
        make_automatic(record, workspace.settings, compile_rubric(rubric), one, MANAGER)
    except UsageError as error:
        return str(error)
    return None


def listen(workspace: Workspace, record: Record, kept: KeptSample, week: Week) -> Inspected:
    """Hear the calls that wait for it, as far as there is time, and decide by the truth."""
    waiting = calls_to_listen(record, kept)
    random = [c.recording_id for c in waiting if c.why is Why.RANDOM]
    has_no_time = PERIODS.index(week.period) % LEFT_EVERY == 1
    left = frozenset(random[-1:] if has_no_time else ())
    calls = [c for c in waiting if c.recording_id not in left]
    rows = outcome_rows(record, kept.seq)
    cards = with_cards(record, {c.recording_id: rows[c.recording_id] for c in calls})
    new: list[NewDecision] = []
    at = record.now.isoformat(timespec="seconds")
    for call in calls:
        card = cards[call.recording_id]
        assert isinstance(card, Scorecard)
        decided = [*_answers(call, week, at), *_missed(call, card, week, at)]
        if not decided:
            heard = heard_without_more(passed_criterion(card) or "", INSPECTOR.name, at, "已听")
            decided = [NewDecision(recording_id=call.recording_id, decision=heard, seen=call.card)]
        new += decided
    take_decisions(record, workspace.settings, kept, new)
    filled = {(c.recording_id, i.criterion) for c in calls for i in c.filled_in}
    decisions = [(n.recording_id, n.decision) for n in new]
    return Inspected(
        heard=frozenset(c.recording_id for c in calls),
        left=left,
        asked=Counter(i.criterion for c in calls for i in c.items),
        filled=Counter(criterion for _, criterion in filled),
        changed=Counter(d.criterion or "" for k, d in decisions if (k, d.criterion) in filled),
        added=Counter(
            d.criterion or "" for _, d in decisions if d.verdict is DecisionVerdict.DEDUCT
        ),
    )


def _answers(call: CallToListen, week: Week, at: str) -> Iterator[NewDecision]:
    """On what waits in a call; and on what is filled in, where it is wrong."""
    place = week.place[call.recording_id]
    say = partial(_decision, call, at)
    for item in call.items:
        if item.criterion == HANDLING and week.off[place]:
            yield say(HANDLING, DecisionVerdict.POINTS, points=float(week.off[place]))
        elif item.criterion in (HANDLING, ABUSE):
            yield say(item.criterion, DecisionVerdict.OVERTURN)
        elif week.fault[place, PLACE[item.criterion]]:
            yield say(item.criterion, DecisionVerdict.CONFIRM)
        else:
            yield say(item.criterion, DecisionVerdict.OVERTURN)
    for item in call.filled_in:
        if not week.fault[place, PLACE[item.criterion]]:
            yield say(item.criterion, DecisionVerdict.OVERTURN)


def _missed(call: CallToListen, card: Scorecard, week: Week, at: str) -> Iterator[NewDecision]:
    """Faults that the machine did not find, each with its place."""
    place = week.place[call.recording_id]
    passed = {c.id for c in card.criteria() if c.verdict == "pass"}
    for item in ITEMS:
        at_item = PLACE[item.id]
        if week.fault[place, at_item] and not week.found[place, at_item]:
            assert item.id in passed
            start_s = ADDED_FROM_S + 2.0 * at_item
            yield _decision(
                call,
                at,
                item.id,
                DecisionVerdict.DEDUCT,
                points=POINTS,
                place_s=(start_s, start_s + 1.0),
            )


def _decision(
    call: CallToListen,
    at: str,
    criterion: str,
    verdict: DecisionVerdict,
    *,
    points: float | None = None,
    place_s: tuple[float, float] | None = None,
) -> NewDecision:
    return one_decision(
        recording_id=call.recording_id,
        criterion=criterion,
        verdict=verdict,
        person=INSPECTOR.name,
        at=at,
        points=points,
        cause=None,
        reason="整通已听",
        seen=call.card,
        place_s=place_s,
    )
