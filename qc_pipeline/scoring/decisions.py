"""What people decided about single criteria of a call, and what becomes of the machine's verdict.

A person may confirm a finding, overturn it, set the points it costs, take the criterion out
(`not_applicable`), excuse it (`exempt`: it happened, and it is not the agent's), add a deduction
that was not found (`deduct`), or say that the evidence is no good (`invalid`, for a criterion or,
without one, for the whole recording). Publishing closes what nobody looked at (`not_looked_at`): it
costs nothing. Decisions are applied in their order; the last one on a criterion
counts. The old scorecard stays; a decision makes a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from qc_pipeline.call import content_sha256
from qc_pipeline.scoring.evidence.finding import Verdict

Place = tuple[
    Annotated[float, Field(ge=0, allow_inf_nan=False)],
    Annotated[float, Field(ge=0, allow_inf_nan=False)],
]


NOWHERE = (0.0, 0.0)
"""The place of what was not done: a moment before the call."""


class DecisionVerdict(StrEnum):
    CONFIRM = "confirm"
    OVERTURN = "overturn"
    NOT_APPLICABLE = "not_applicable"
    POINTS = "points"
    INVALID = "invalid"
    EXEMPT = "exempt"
    DEDUCT = "deduct"
    NOT_LOOKED_AT = "not_looked_at"


class Cause(StrEnum):
    """Why a person decided otherwise than the machine, for counting.

    The last four say why a whole recording is invalid: the next of the reserve takes its place.
    """

    RECOGNISER = "recogniser"
    CUSTOMER = "customer"
    SYSTEM = "system"
    RULE = "rule"
    SPECIAL = "special"
    SILENT = "silent"
    WRONG_NUMBER = "wrong_number"
    TEST = "test"
    INTERNAL = "internal"


class Root(StrEnum):
    """What lies behind a deduction that stands: 知识、技能、态度、流程、系统、知识库."""

    KNOWLEDGE = "knowledge"
    SKILL = "skill"
    ATTITUDE = "attitude"
    PROCESS = "process"
    SYSTEM = "system"
    KNOWLEDGE_BASE = "knowledge_base"


STANDS = (DecisionVerdict.CONFIRM, DecisionVerdict.POINTS, DecisionVerdict.DEDUCT)
"""Verdicts by which a deduction stands, so that something lies behind it."""


class Decision(BaseModel):
    """One ruling of one person.

    `criterion` is None for the whole recording (only `invalid`). `points`, with `verdict: points`
    or `deduct`, is what the criterion costs, 0 to its worth (a manual criterion is marked with
    it). `at` is when, ISO 8601 with a zone. `cause` is a word for counting beside the free text,
    `root` what lies behind a deduction that stands. `place_s` is where an added deduction is heard:
    start and end in seconds of the recording, `NOWHERE` where something was not done. `agent` is
    whose stretch of a transferred call a deduction belongs to, where that is another agent than the
    one whose call it is: it happened, and it costs the call's agent nothing. `in_favour` marks what
    only takes back, an objection's answer or a corrected rule: nothing that the criterion covered
    counts for it, not even what a person had confirmed.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    criterion: str | None
    verdict: Annotated[DecisionVerdict, Field(strict=False)]
    person: Annotated[str, Field(min_length=1)]
    at: str
    reason: str = ""
    points: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    cause: Annotated[Cause, Field(strict=False)] | None = None
    root: Annotated[Root, Field(strict=False)] | None = None
    place_s: Annotated[Place, Field(strict=False)] | None = None
    agent: Annotated[str, Field(min_length=1)] | None = None
    in_favour: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Decision:
        costs = self.verdict in (DecisionVerdict.POINTS, DecisionVerdict.DEDUCT)
        if (self.points is not None) is not costs:
            raise ValueError(
                "'points' stands with the verdicts 'points' and 'deduct', and only there"
            )
        adds = self.verdict is DecisionVerdict.DEDUCT
        if adds and not self.points:
            raise ValueError("'deduct' adds a deduction of more than 0 points")
        if (self.place_s is not None) is not adds:
            raise ValueError("'deduct' says where it is heard ('place_s'), and nothing else does")
        if self.place_s is not None and not 0 <= self.place_s[0] <= self.place_s[1]:
            raise ValueError("'place_s' is a start and an end in seconds, the end not before it")
        if self.root is not None and self.verdict not in STANDS:
            raise ValueError("'root' stands with a deduction that stands: confirm, points, deduct")
        if self.agent is not None and self.verdict not in (*STANDS, DecisionVerdict.EXEMPT):
            raise ValueError("'agent' stands with a deduction that happened, and only there")
        if self.in_favour and self.verdict in (DecisionVerdict.CONFIRM, DecisionVerdict.DEDUCT):
            raise ValueError("'in_favour' stands with what takes back, not with confirm or deduct")
        if self.criterion is None and self.verdict is not DecisionVerdict.INVALID:
            raise ValueError("only 'invalid' can be said of a whole recording")
        return self

    def as_json(self) -> dict[str, Any]:
        """What is kept and hashed; what decisions of before did not have stands there only where it
        says something.
        """
        later: dict[str, Any] = {}
        if self.root is not None:
            later["root"] = str(self.root)
        if self.place_s is not None:
            later["place_s"] = list(self.place_s)
        if self.agent is not None:
            later["agent"] = self.agent
        if self.in_favour:
            later["in_favour"] = True
        return later | {
            "criterion": self.criterion,
            "verdict": str(self.verdict),
            "person": self.person,
            "at": self.at,
            "reason": self.reason,
            "points": self.points,
            "cause": None if self.cause is None else str(self.cause),
        }


def decisions_sha256(decisions: Sequence[Decision]) -> str:
    """Names decisions in their order."""
    return content_sha256([d.as_json() for d in decisions])


NO_DECISIONS = decisions_sha256(())
"""Names that nobody decided anything."""


def in_force(decisions: Iterable[Decision]) -> Mapping[str | None, Decision]:
    """The last decision on each criterion (None: on the recording)."""
    return {d.criterion: d for d in decisions}


def unknown_criteria(decisions: Iterable[Decision], criteria: Iterable[str]) -> tuple[str, ...]:
    """Criteria that decisions name and the rubric does not have, sorted.

    `score` leaves such decisions without effect: a call may be rescored with another rubric.
    """
    known = set(criteria)
    return tuple(sorted({d.criterion for d in decisions if d.criterion is not None} - known))


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectorVerdict:
    """What one inspector said. `points` is what a fail costs, None for all that it is worth."""

    recording_id: str
    criterion: str
    inspector: str
    verdict: Verdict
    points: float | None = None
    note: str = ""
