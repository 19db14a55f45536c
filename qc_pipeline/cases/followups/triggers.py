"""What makes a call one to be followed up, whoever looks at it. Pure.

Four rules, gravest first: a confirmed red line; a complaint that was not registered or not
escalated; a promise that ran out while the customer called again; a customer who was not content.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from qc_pipeline.call import Recording, Speaker, Transcript
from qc_pipeline.call_fields import DISSATISFIED
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.text.time_limit import TimeLimit
from qc_pipeline.text.time_limits import find_time_limits
from qc_pipeline.workspace.calendar import WorkingCalendar

FATAL, COMPLAINT, PROMISE, DISCONTENT = "fatal", "complaint", "promise", "dissatisfied"
RULES = (FATAL, COMPLAINT, PROMISE, DISCONTENT)
AGAIN_DAYS = 7
"""So many days after a promise ran out a call of the same customer is taken to be about it."""

CUSTOMER_FIELDS = ("customer_id", "caller_number")

# Somebody of the centre will do something for the customer: what a time limit must stand beside
# to be a promise (请您三天内补交材料 is the customer's).
_PROMISE_ZH = re.compile(
    r"(?:给|跟|和|与|向|为|帮|替)您[^,。!?\uff0c\uff01\uff1f]{0,10}?(?:回电|回复|答复|联系|回访|致电|电话|处理|解决"
    r"|办理|办好|反馈|核实|开通|恢复|退|寄|发|送|安排|跟进)"
    r"|(?:回复|答复|联系|通知|告知|回访|致电|回电|反馈)(?:给)?您"
    r"|(?:我们|同事|专员|专人|工作人员|师傅|客服|后台|技术)[^,。!?\uff0c\uff01\uff1f]{0,10}?(?:会|将)"
)
_PROMISE_EN = re.compile(
    r"\b(?:call|ring|phone|contact|email|write to|get back to|reply to|reach out to|let) you\b"
    r"|\b(?:we|i|someone|somebody|a colleague|our team)(?:'ll| will)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerHit:
    """A rule that a call falls under; `facts` fill the sentence that says why."""

    recording_id: str
    rule: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What the agent promised, `start_s` into the call, and until when it was to be kept."""

    text: str
    start_s: float
    until: datetime


def card_hits(card: Scorecard, criteria: Collection[str]) -> list[TriggerHit]:
    """Confirmed red lines, and failed `criteria`: the registering and escalating of complaints.

    What is only proposed, or tried out, is not a fact yet.
    """
    failed = [
        c for c in card.criteria() if c.verdict is Verdict.FAIL and not c.proposed and not c.trial
    ]
    found: list[TriggerHit] = []
    for rule, titles in (
        (FATAL, [c.title for c in failed if c.severity == "fatal"]),
        (COMPLAINT, [c.title for c in failed if c.id in criteria and c.severity != "fatal"]),
    ):
        if titles:
            facts = {"titles": "、".join(titles)}
            found.append(TriggerHit(recording_id=card.recording_id, rule=rule, facts=facts))
    return found


def rating_hit(call: Recording) -> TriggerHit | None:
    """A customer who said that they were not content."""
    rating = (call.text("satisfaction") or "").strip()
    if rating.lower() not in DISSATISFIED:
        return None
    return TriggerHit(recording_id=call.recording_id, rule=DISCONTENT, facts={"rating": rating})


def promises_in(
    transcript: Transcript, call_start: datetime, calendar: WorkingCalendar
) -> tuple[Promise, ...]:
    """What the agent said they would do by when, in the order of the call.

    A promise is a turn that names a time limit and says that the centre will act for the customer.
    """
    english = transcript.language == "en"
    says = _PROMISE_EN if english else _PROMISE_ZH
    found: list[Promise] = []
    for turn in transcript.turns:
        if turn.speaker is not Speaker.AGENT or says.search(turn.text) is None:
            continue
        for limit in find_time_limits(turn.text, transcript.language, call_start):
            until = _until(limit, call_start, calendar)
            if until is not None:
                found.append(Promise(text=limit.text, start_s=turn.start_s, until=until))
    return tuple(found)


def promise_hit(
    call: Recording, promises: Sequence[Promise], others: Iterable[Recording]
) -> TriggerHit | None:
    """A promise that ran out with the customer calling again within seven days after it did.

    Kept is one after which the centre called the customer before they called again; `others` are
    calls of the same customer.
    """
    calls = sorted(
        (o for o in others if o.answered and o.start_time > call.start_time),
        key=lambda o: (o.start_time, o.recording_id),
    )
    for promise in sorted(promises, key=lambda p: (p.until, p.start_s)):
        for other in calls:
            if other.text("direction") == "out":
                break
            if promise.until < other.start_time <= promise.until + timedelta(days=AGAIN_DAYS):
                at = other.start_time
                facts = {
                    "promise": promise.text,
                    "month": str(at.month),
                    "day": str(at.day),
                    "time": at.strftime("%H:%M"),
                }
                return TriggerHit(recording_id=call.recording_id, rule=PROMISE, facts=facts)
    return None


def customers_of(call: Recording) -> frozenset[tuple[str, str]]:
    """(field, value) of everything that tells which customer it was."""
    return frozenset((f, v) for f in CUSTOMER_FIELDS if (v := call.text(f)))


def _until(limit: TimeLimit, start: datetime, calendar: WorkingCalendar) -> datetime | None:
    """The last moment of a promise: the end of its last working day, or so many hours on."""
    if limit.limit is not None and limit.limit.unit == "working_days":
        day, _ = calendar.add(start.date(), max(1, round(limit.limit.amount)))
        return datetime.combine(day, time.max, tzinfo=start.tzinfo)
    if limit.within_hours is not None:
        return start + timedelta(hours=limit.within_hours)
    if limit.limit is not None:
        return start + timedelta(hours=limit.limit.longest_hours)
    return None
