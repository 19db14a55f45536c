"""Everything a report is made from, as plain values: the weekly job fills it, the view reads it.

Nothing here reads a file, a clock or a database. Dates are the calendar days of the call list's
zone; `Recording.start_time` must already be in that zone (the report prints it as it stands).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from qc_pipeline.call import Failure, Measures, Recording, Span, Transcript
from qc_pipeline.errors import Problem
from qc_pipeline.intake.tables import AssessmentMark, TrafficRow
from qc_pipeline.message import Message
from qc_pipeline.report.appeal_facts import AppealFacts, WaitingRequest
from qc_pipeline.report.targets import ServiceTargets
from qc_pipeline.sampling.replace_invalid import BrokenQuota
from qc_pipeline.sampling.sample import Pick, Sample
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.listened import is_listened
from qc_pipeline.scoring.scorecard import Scorecard


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """The report's own settings. `audience`: manager, meeting, lead:GROUP or agent:ID; `unmasked`
    shows numbers, addresses and names of customers; `corrections` is the page beside a published
    report that tells what was corrected later, "" where there is none. An agent has a personal mean
    from `agent_least_calls` listened calls on: the month's number of [review].
    """

    language: str = "zh"
    title: str = "服务质量监控质检报告"
    contact: str = ""
    audience: str = "manager"
    audio: bool = True
    unmasked: bool = False
    max_clips: int = 60
    delete_clips_after: date | None = None
    corrections: str = ""
    agent_least_calls: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodFacts:
    """`name` as the commands take it (2026-W47); `start` and `end` are days, both inside."""

    name: str
    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionFacts:
    """What the rubric says of a criterion beside the verdict: shown with every deduction."""

    id: str
    title: str
    points: float
    section: str
    report_part: str | None = None
    why: str = ""
    ref: str = ""
    say: str = ""
    severity: str = "minor"
    manual: bool = False
    trial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricFacts:
    """One rubric that judged calls of the period. `bands` are (from, label), highest first; the
    reasons on its cards are in its `language`."""

    id: str
    version: str
    title: str
    sha256: str
    points: float
    pass_mark: float
    bands: tuple[tuple[float, str], ...]
    criteria: tuple[CriterionFacts, ...]
    language: str = "zh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Last days for follow-up feedback and for objections, counted in working days.

    `window_days` is the number of working days; `provisional` when the calendar of that year is
    not yet official or the period is still a draft, so that the days may move.
    """

    follow_ups: date
    objections: date
    window_days: int = 2
    provisional: bool = False


CORRECTED_BY = ("appeals", "decisions", "rules", "words", "rubric", "others")
"""What changes a criterion after publication, in the order in which it is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalFacts:
    """How a period became final (定稿): by `person` on `day`, in `version` 1, 2, …

    `before` and `after` are the listened score (复听成绩, points of 100) of the cards as published
    and as they are final, of `before_calls` and `after_calls` calls, None of none. `corrected`
    counts the criteria that cost or say something else than when published, by what changed them
    (of `CORRECTED_BY`; others followed from another's change); `corrected_calls` are the calls
    they are in.
    """

    version: int
    day: date
    person: str
    before: float | None
    after: float | None
    before_calls: int
    after_calls: int
    corrected: Mapping[str, int] = field(default_factory=dict)
    corrected_calls: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A single call somebody must follow up (需要跟踪问题). `state` is shown as it stands.

    `who` handles it, through `lead`; `in_time` says whether it was answered by its last day, None
    while that is open. One of an earlier period's call brings that period's name and the agent
    with it; `mystery` marks a test call.
    """

    recording_id: str
    what: str
    who: str = ""
    due: date | None = None
    state: str = "open"
    callback_number: str = ""
    feedback: str = ""
    check: str = ""
    number: int = 0
    required: str = ""
    lead: str = ""
    in_time: bool | None = None
    period: str = ""
    team: str = ""
    agent_id: str | None = None
    agent: str = ""
    mystery: bool = False

    @property
    def awaited(self) -> bool:
        """Whether the lead still owes feedback."""
        return self.state in ("open", "waiting", "sent_back", "overdue")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coached:
    """Coaching given since the period before, and what this period's calls say of it.

    `judged` calls of the agent since then had the item judged, `failed` of them lost points on it;
    `outcome` is what somebody who listened again found (better, again), None: nobody has.
    `start_s` is the place in the recording, `way` online or afterwards.
    """

    number: int
    agent_id: str
    agent: str
    team: str
    criterion: str
    title: str
    recording_id: str
    start_s: float | None
    advice: str
    coach: str
    way: str
    day: date
    acknowledged: bool
    judged: int = 0
    failed: int = 0
    outcome: str | None = None

    @property
    def checked(self) -> bool:
        return self.judged > 0 or self.outcome is not None

    @property
    def again(self) -> bool:
        """Whether the same item cost points again."""
        return self.failed > 0 or self.outcome == "again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """An objection (异议) to a criterion of a call, or to the whole card where that is None.

    One to an earlier period's call brings that period's name, the criterion's title and the
    agent with it; `mystery` marks a test call. `facts` are what its own page is made from; without
    them it has none.
    """

    recording_id: str
    criterion_id: str | None
    reason: str
    opened_on: date
    state: str = "open"
    answer: str = ""
    answered_on: date | None = None
    due: date | None = None
    total_before: float | None = None
    total_after: float | None = None
    period: str = ""
    title: str = ""
    team: str = ""
    agent_id: str | None = None
    agent: str = ""
    mystery: bool = False
    facts: AppealFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacedCall:
    """A drawn recording that proved invalid. `reason`: silent, wrong_number, test, internal or
    other; `text` what a person wrote; `by` took its place, None where the reserve was used up, or
    where the call was a test call or put in by a person (`apart`), which are never replaced;
    `broken` are the plan's quotas that it broke.
    """

    recording_id: str
    reason: str
    text: str = ""
    by: str | None = None
    broken: tuple[BrokenQuota, ...] = ()
    apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MakingFacts:
    """What the report was made with, for the part that says so.

    `recogniser` says what heard the words; `versions` names programs and their versions;
    `list_name` is the call list's file name and `list_sha256` its hash; `notes` are to be shown (a
    redraw with its reason, the day of publication). A value `day` of a note is an ISO date.
    """

    recogniser: Message | None = None
    is_sample_model: bool = False
    model_sha256: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    list_name: str = ""
    list_sha256: str = ""
    zone: str = ""
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A recording's loudness for drawing: peaks in [0, 1], `rate_hz` values a second."""

    rate_hz: float
    agent: tuple[float, ...] = ()
    customer: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCall:
    """What a later report needs of an earlier scored call; made by `past_call`.

    `lost` has the criteria that cost points; `judged` those that applied and could be judged;
    `failed` those with a deduction; `counts` whether it enters means (drawn, and has a total);
    `listened` whether a person decided everything in it that is a person's; `weight` and
    `listened_weight` what it weighs in its period's machine reference and listened score, 0 of a
    call that is not in it; `probability` its chance of being drawn, None where it is not known;
    `slot` is the plan's name of its time slot, "" where nothing says which it was.
    """

    recording_id: str
    agent_id: str | None
    team: str
    business: str
    day: date
    total: float | None
    passed: bool | None
    counts: bool
    relisten: bool = False
    listened: bool = False
    weight: float = 1.0
    listened_weight: float = 1.0
    probability: float | None = None
    personal: bool = True
    duration_s: float | None = None
    slot: str = ""
    contact: str = ""
    lost: Mapping[str, float] = field(default_factory=dict)
    judged: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPeriod:
    """An earlier period's final (else published, else draft) result, oldest first in
    `ReportInputs.past`.

    `rubrics` and `models` are the hashes of what judged and of what heard its calls; `state` is
    draft, published or final, `version` that of a final one.
    """

    name: str
    start: date
    end: date
    rubrics: tuple[str, ...]
    models: tuple[str, ...] = ()
    calls: tuple[PastCall, ...] = ()
    state: str = "draft"
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInputs:
    """All of a period's report.

    `recordings` are all rows of the call list that lie in the period (unanswered ones too), and
    the calls of other days that a person put in;
    `traffic` may begin before it, with the month the period ends in;
    `sample.picks` ⊆ `recordings`; every pick has a scorecard or a failure. `scorecards` holds the
    card in force (after decisions); `drafts` the one the rules alone gave, where it differs.
    `purged` are the recordings, of any period, of which no word is left. `state` is draft (初评),
    in_review (初评, somebody has decided), published (公示) or final (定稿, with `final`).
    """

    options: ReportOptions
    period: PeriodFacts
    recordings: tuple[Recording, ...]
    sample: Sample
    scorecards: Mapping[str, Scorecard]
    transcripts: Mapping[str, Transcript]
    rubrics: tuple[RubricFacts, ...]
    deadlines: Deadlines
    measures: Mapping[str, Measures] = field(default_factory=dict)
    envelopes: Mapping[str, Envelope] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    excluded_rows: tuple[Problem, ...] = ()
    state: str = "draft"
    final: FinalFacts | None = None
    past: tuple[PastPeriod, ...] = ()
    making: MakingFacts = MakingFacts()
    targets: ServiceTargets = field(default_factory=ServiceTargets)
    follow_ups: tuple[FollowUp, ...] = ()
    coaching: tuple[Coached, ...] = ()
    objections: tuple[Appeal, ...] = ()
    requests: tuple[WaitingRequest, ...] = ()
    traffic: tuple[TrafficRow, ...] = ()
    marks: tuple[AssessmentMark, ...] = ()
    drafts: Mapping[str, Scorecard] = field(default_factory=dict)
    replaced: tuple[ReplacedCall, ...] = ()
    purged: frozenset[str] = frozenset()

    @property
    def listed(self) -> tuple[Recording, ...]:
        """The rows of the call list that lie in the period."""
        first, last = self.period.start, self.period.end
        return tuple(r for r in self.recordings if first <= r.start_time.date() <= last)

    @property
    def frame(self) -> tuple[Recording, ...]:
        """The calls that could be drawn; what proved invalid after the draw had been one."""
        excluded = {e.recording_id for e in self.sample.excluded}
        excluded -= {r.recording_id for r in self.replaced}
        return tuple(
            r
            for r in self.listed
            if r.answered and not r.mystery and r.recording_id not in excluded
        )

    @property
    def is_public(self) -> bool:
        """Whether the scores were published, final or not: nothing waits for a person any more."""
        return self.state in ("published", "final")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipJob:
    """A piece of a recording to be cut for the report: at most 60 s, `silenced` made mute.

    `target` has no suffix; the maker adds the one of the format it writes and returns the path.
    """

    recording_id: str
    start_s: float
    end_s: float
    silenced: tuple[Span, ...]
    target: Path


ClipMaker = Callable[[ClipJob], Path | None]
"""Cuts one clip, called from more than one thread; returns the file written, or None where there is
nothing to cut from."""


def past_call(
    recording: Recording,
    card: Scorecard,
    pick: Pick,
    *,
    weight: float,
    listened_weight: float,
    personal: bool = True,
    slot: str = "",
) -> PastCall:
    """Reduce an earlier scored call to what comparisons need; the weights are its period's,
    `personal` says whether it counts for its agent once it is listened to.
    """
    drawn = pick.origin == "drawn" and weight > 0
    results = card.criteria()
    judged = (Verdict.PASS, Verdict.FAIL)
    return PastCall(
        recording_id=recording.recording_id,
        agent_id=recording.agent_id,
        team=recording.text("team") or "",
        business=recording.text("business") or "",
        day=recording.start_time.date(),
        total=card.total,
        passed=card.passed,
        counts=drawn and card.total is not None and not recording.mystery,
        relisten=pick.relisten,
        listened=is_listened(card),
        weight=weight,
        listened_weight=listened_weight,
        probability=pick.personal_chance,
        personal=personal,
        duration_s=recording.duration_s,
        slot=slot,
        contact=recording.text("contact") or "",
        lost={c.id: c.lost for c in results if c.lost > 0},
        judged=frozenset(c.id for c in results if c.verdict in judged and not c.trial),
        failed=frozenset(c.id for c in results if c.verdict is Verdict.FAIL and not c.trial),
    )
