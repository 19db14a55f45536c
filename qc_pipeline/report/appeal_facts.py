"""What a report knows of an objection beside its outcome: what its own page is made from.

Nothing here reads a database; times are in the call list's zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from qc_pipeline.call import Recording, Transcript
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealStep:
    """Something that was done about an objection. `kind`: asked (by the agent), entered (that they
    asked), raised, forwarded, forwarded_late (by itself, since the lead had not), or the state that
    it then had; `number` is the objection's, 0 of what came before one.
    """

    at: datetime
    kind: str
    person: str = ""
    on_behalf_of: str | None = None
    reason: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealFacts:
    """An objection with the cards it is about: the one objected to, and the one after its last
    step. `kind` is score or correction (更正，不涉及分数), `second` a second objection (二次申诉),
    `late` that it went to QA by itself. `steps` are those of all objections to the same, in order.

    `earlier`: of a call of another period; then `recording` and `transcript` are that call's, None
    where its words were purged. Of this period's calls the report has them.
    """

    number: int
    kind: str
    second: bool
    late: bool
    raised_at: datetime
    raised_by: str
    raised_for: str | None
    requested_at: datetime | None
    decided_by: str
    before: Scorecard
    after: Scorecard
    steps: tuple[AppealStep, ...]
    earlier: bool = False
    recording: Recording | None = None
    transcript: Transcript | None = None

    @property
    def page(self) -> str:
        """The file of its page, from the report's folder."""
        return f"appeals/{self.number}.html"

    def changes(self) -> tuple[tuple[CriterionResult, CriterionResult], ...]:
        """The criteria whose verdict or cost differ, (before, after) each."""
        former = {c.id: c for c in self.before.criteria()}
        return tuple(
            (former[c.id], c)
            for c in self.after.criteria()
            if c.id in former and (former[c.id].verdict, former[c.id].lost) != (c.verdict, c.lost)
        )

    def objected(self, criterion_id: str | None) -> CriterionResult | None:
        """The finding objected to, as it stood then."""
        return next((c for c in self.before.criteria() if c.id == criterion_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRequest:
    """What an agent asked for and the lead has not forwarded yet; `due` is the day by whose end
    that is to be done.
    """

    recording_id: str
    criterion_id: str
    reason: str
    requested_at: datetime
    due: date
    number: int = 0
    period: str = ""
    title: str = ""
    team: str = ""
    agent_id: str | None = None
    agent: str = ""
    mystery: bool = False
