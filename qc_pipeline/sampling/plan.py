"""The `[sampling]` table of qc.toml: what shall be drawn, and by which rules.

Every key has a default; docs/sampling.md explains each. A plan says nothing about the calls it
meets: whether it can be met is known only with a call list (see `qc_pipeline.sampling.draw`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from qc_pipeline.call import content_sha256
from qc_pipeline.system.settings_table import SettingsTable, as_tuple

DAY_MIN = 24 * 60
FORMER_SHARE = 0.1
_NEWER = frozenset({"rules", "machine_hours", "listening"})
DEFAULT_EDGES_S = (30.0, 120.0, 300.0, 600.0)


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _edges(value: Any) -> Any:
    return tuple(_number(v) for v in value) if isinstance(value, list | tuple) else value


def _inspectors(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple({"id": v} if isinstance(v, str) else v for v in value)
    return value


def _windows(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(as_tuple(v) for v in value)
    return value


def clock_min(text: str) -> int:
    """Minutes after midnight of "HH:MM"; "24:00" is the end of the day."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", text.strip())
    if not found or int(found[2]) > 59 or int(found[1]) * 60 + int(found[2]) > DAY_MIN:
        raise ValueError('a time of day such as "11:30"')
    return int(found[1]) * 60 + int(found[2])


def _clock(text: str) -> str:
    minutes = clock_min(text)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _slot_name(text: str) -> str:
    if "/" in text or "|" in text:
        raise ValueError('a name without "/" and "|", which part the names of strata')
    return text


Number = Annotated[float, BeforeValidator(_number)]
Texts = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(as_tuple)]
Values = Annotated[tuple[str | int | float | bool, ...], BeforeValidator(as_tuple)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]
Share = Annotated[float, BeforeValidator(_number), Field(gt=0, le=1)]
Clock = Annotated[str, AfterValidator(_clock)]
Window = Annotated[tuple[Clock, Clock], BeforeValidator(as_tuple)]
Weekday = Annotated[int, Field(ge=1, le=7)]


class PlanTable(SettingsTable):
    model_config = ConfigDict(populate_by_name=True)


class FieldCondition(PlanTable):
    """A test of one call field; a call that does not carry the field does not meet it.

    `field` is a column of the call list, or `tenure_days` (days between `hire_date` and the
    call), `agent_last_score` (the agent's mean in the period before), `hour`, `weekday`
    (1 = Monday), or `slot`: the names of all the plan's time slots that hold the call, of which it
    meets the condition with any. `above` and `below` exclude the bound itself. All that are given
    must hold.
    """

    field: Annotated[str, Field(min_length=1)]
    is_in: Annotated[Values | None, Field(alias="in")] = None
    above: Number | None = None
    below: Number | None = None
    matches: str | None = None
    present: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> FieldCondition:
        tests = (self.is_in, self.above, self.below, self.matches, self.present)
        if all(t is None for t in tests):
            raise ValueError("a condition with in, above, below, matches or present")
        if self.matches is not None:
            try:
                re.compile(self.matches)
            except re.error as error:
                raise ValueError(f"a regular expression ({error})") from None
        return self


class RiskCondition(FieldCondition):
    """A condition that makes a call more (multiplier > 1) or less interesting to hear."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    multiplier: Annotated[float, BeforeValidator(_number), Field(gt=0, le=100)]


class TimeSlot(PlanTable):
    """One time slot. A call falls into the first slot of the list that holds it, else "other".

    `kind` "shift_start" and "shift_end": the first and last `minutes` of the agent's own shift;
    "clock": wall-clock `windows` of the zone of the call list (one that ends before it begins
    runs over midnight), on `weekdays` (1 = Monday; the day on which the window begins);
    "busiest": the `hours` clock hours in which the most calls of the frame began.
    """

    name: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_slot_name)]
    kind: Literal["shift_start", "shift_end", "clock", "busiest"]
    minutes: Annotated[int, Field(ge=1, le=240)] | None = None
    windows: Annotated[tuple[Window, ...], BeforeValidator(_windows)] = ()
    weekdays: Annotated[tuple[Weekday, ...], BeforeValidator(as_tuple)] = ()
    hours: Annotated[int, Field(ge=1, le=23)] | None = None

    @model_validator(mode="after")
    def _belongs_together(self) -> TimeSlot:
        own = {
            "shift_start": ("minutes",),
            "shift_end": ("minutes",),
            "clock": ("windows", "weekdays"),
            "busiest": ("hours",),
        }[self.kind]
        for key in ("minutes", "windows", "weekdays", "hours"):
            if getattr(self, key) not in (None, ()) and key not in own:
                raise ValueError(f'{" and ".join(own)} with kind = "{self.kind}", not {key}')
        if self.kind == "clock" and not self.windows:
            raise ValueError('windows with kind = "clock", such as [["11:30", "13:00"]]')
        for start, end in self.windows:
            if clock_min(start) % DAY_MIN == clock_min(end) % DAY_MIN and (start, end) != (
                "00:00",
                "24:00",
            ):
                raise ValueError(f"a window that begins and ends at different times, not {start}")
        return self

    def holds(self, minute_of_week: int) -> bool:
        """Whether a "clock" slot holds a minute of the week (0 = Monday 00:00)."""
        return bool(self.minutes_of_week()[minute_of_week])

    def minutes_of_week(self) -> bytearray:
        """For a "clock" slot: 1 for each minute of the week (Monday 00:00 first) it holds."""
        week = bytearray(7 * DAY_MIN)
        for day in self.weekdays or range(1, 8):
            for start_text, end_text in self.windows:
                start, end = clock_min(start_text), clock_min(end_text)
                if end <= start:
                    end += DAY_MIN
                for minute in range(start, end):
                    week[((day - 1) * DAY_MIN + minute) % len(week)] = 1
        return week


DEFAULT_SLOTS = (
    TimeSlot(name="shift_start", kind="shift_start", minutes=30),
    TimeSlot(name="shift_end", kind="shift_end", minutes=30),
    TimeSlot(name="meal", kind="clock", windows=(("11:30", "13:00"), ("17:30", "18:30"))),
    TimeSlot(name="night", kind="clock", windows=(("21:00", "08:00"),)),
    TimeSlot(name="busy", kind="busiest", hours=4),
)
OTHER_SLOT = "other"

DEFAULT_RISK = (
    RiskCondition(name="over_long", field="duration_s", above=600.0, multiplier=2.0),
    RiskCondition(name="very_short", field="duration_s", below=20.0, multiplier=1.5),
    RiskCondition(name="complaint", field="business", matches="投诉|complaint", multiplier=2.0),
    RiskCondition(name="transfer", field="transferred_to", present=True, multiplier=1.5),
    RiskCondition(
        name="low_satisfaction",
        field="satisfaction",
        is_in=("不满意", "非常不满意", "很不满意", "dissatisfied", 1, 2),
        multiplier=3.0,
    ),
    RiskCondition(name="bad_last_period", field="agent_last_score", below=80.0, multiplier=2.0),
    RiskCondition(name="new_agent", field="tenure_days", below=90.0, multiplier=2.0),
)


class Quantiles(PlanTable):
    """Duration bands of (about) equally many calls, cut at the period's own quantiles."""

    quantiles: Annotated[int, Field(ge=2, le=20)]


class Inspector(PlanTable):
    """Somebody who hears calls. `share` weighs the split; `team` is the team they lead."""

    id: Annotated[str, Field(min_length=1)]
    share: Annotated[float, BeforeValidator(_number), Field(gt=0)] = 1.0
    team: str | None = None


class Relisten(PlanTable):
    """The second tier: calls of the sample that a person hears in full (复听样本).

    Its random part has `agent_min` calls an agent and period, unless [review] owes each agent a
    number a month (`SamplingPlan.listening`). The targeted part adds calls of agents hired less
    than `new_agent_days` before the call, up to `new_agent_min` with the random ones; `after_fail`
    for an agent whose mean in the period before was below `pass_mark`; and complaints, until they
    are `complaint_share` of all.
    """

    agent_min: Annotated[int, Field(ge=0, le=1000)] = 2
    new_agent_min: Annotated[int, Field(ge=0, le=1000)] = 4
    new_agent_days: Annotated[int, Field(ge=1, le=3650)] = 90
    after_fail: Annotated[int, Field(ge=0, le=1000)] = 2
    pass_mark: Annotated[float, BeforeValidator(_number), Field(ge=0)] = 80.0
    complaint_share: Annotated[float, BeforeValidator(_number), Field(ge=0, lt=1)] = 0.2
    complaint: FieldCondition = FieldCondition(field="business", matches="投诉|complaint")


class Listening(PlanTable):
    """What [review] of qc.toml says of listening: how much time there is, and whose calls are owed.

    `hours` of listening a week, all inspectors together; None: as many as the quotas ask for.
    `calls_an_agent_a_month`: calls of each agent drawn at random a calendar month; None: the
    quota is `relisten.agent_min` a period.
    """

    hours: Annotated[float, BeforeValidator(_number), Field(gt=0, le=10_000)] | None = None
    calls_an_agent_a_month: Annotated[int, Field(ge=0, le=1000)] | None = None


Allocation = Literal["proportional", "equal", "neyman", "fixed", "risk"]


class SamplingPlan(PlanTable):
    """How a period's sample is drawn.

    The budget is `budget_calls`, or `budget_minutes` of listening, each per inspector where
    `inspectors` are named, or `budget_share` of the frame and at least 30 calls, or what the
    recogniser hears in `machine_hours`; without any of these every call is drawn. `duration_s` are
    the inner edges of the duration bands in seconds, or `{quantiles = n}`. `by` are further columns
    whose values cut strata. `stratum_min` and `stratum_max` bound the calls a stratum, `agent_min`
    (or `agent_share` of an agent's calls, if that is more) and `agent_max` the calls an agent; an
    agent with fewer calls than the quota is an error, or with `agent_short = "all"` gives all of
    them. `fixed` gives the calls a stratum, one number for all or one by stratum name, for
    allocation "fixed". `neyman_by` names a number column whose spread stands in for that of earlier
    scores.

    `rules` = 1 draws as samples were drawn whose kept plans say nothing of rules: without a
    budget a tenth of the frame; one re-listened part in which complaints take the place of other
    calls; `machine_hours` and `listening` mean nothing; the edge of shift_end, the order of agents
    and the cells' starts are the former ones.
    """

    rules: Literal[1, 2] = 2

    seed: str | None = None
    budget_calls: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    budget_minutes: Annotated[float, BeforeValidator(_number), Field(gt=0)] | None = None
    budget_share: Share | None = None
    machine_hours: Annotated[float, BeforeValidator(_number), Field(gt=0, le=10_000)] | None = None
    allocation: Allocation = "proportional"
    duration_s: Annotated[tuple[float, ...] | Quantiles, BeforeValidator(_edges)] = DEFAULT_EDGES_S
    slots: Annotated[tuple[TimeSlot, ...], BeforeValidator(as_tuple)] = DEFAULT_SLOTS
    by: Texts = ()
    stratum_min: Annotated[int, Field(ge=1, le=1_000_000)] = 2
    stratum_max: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    agent_min: Count = 1
    agent_max: Count | None = None
    agent_share: Share | None = None
    agent_short: Literal["stop", "all"] = "stop"
    fixed: Annotated[int, Field(ge=1)] | dict[str, Annotated[int, Field(ge=1)]] | None = None
    neyman_by: str | None = None
    risk: Annotated[tuple[RiskCondition, ...], BeforeValidator(as_tuple)] = DEFAULT_RISK
    exclude_inspected: bool = False
    inspectors: Annotated[tuple[Inspector, ...], BeforeValidator(_inspectors)] = ()
    own_team: Literal["allowed", "never"] = "allowed"
    relisten: Relisten = Relisten()
    listening: Listening = Listening()

    @model_validator(mode="after")
    def _bands_and_slots(self) -> SamplingPlan:
        edges = self.duration_s
        if isinstance(edges, tuple):
            if any(e <= 0 for e in edges):
                raise ValueError("duration_s: edges above 0 seconds")
            if any(a >= b for a, b in pairwise(edges)):
                raise ValueError("duration_s: edges that rise, or bands overlap")
        names = [s.name for s in self.slots]
        if len(set(names)) < len(names) or OTHER_SLOT in names:
            raise ValueError(f'slots: names given once each, and none of them "{OTHER_SLOT}"')
        taken = bytearray(7 * DAY_MIN)
        for slot in self.slots:
            if slot.kind != "clock":
                continue
            own = slot.minutes_of_week()
            if not any(o and not t for o, t in zip(own, taken, strict=True)):
                raise ValueError(
                    f"slots: windows that are not wholly inside earlier slots, as those of "
                    f'"{slot.name}" are (the first slot that holds a call takes it)'
                )
            taken = bytearray(o | t for o, t in zip(own, taken, strict=True))
        return self

    @model_validator(mode="after")
    def _numbers_agree(self) -> SamplingPlan:
        budgets = ("budget_calls", "budget_minutes", "machine_hours")
        given = [name for name in budgets if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"{' or '.join(given[:2])}, not both")
        if self.agent_max is not None and self.agent_max < max(1, self.agent_min):
            raise ValueError("agent_max: at least agent_min, and at least 1")
        if self.stratum_max is not None and self.stratum_max < self.stratum_min:
            raise ValueError("stratum_max: at least stratum_min")
        if (self.allocation == "fixed") != (self.fixed is not None):
            raise ValueError('fixed with allocation = "fixed", and only there')
        numbers = self.fixed.values() if isinstance(self.fixed, dict) else (self.fixed,)
        if any(n is not None and n < self.stratum_min for n in numbers):
            raise ValueError(f"fixed: at least stratum_min, which is {self.stratum_min}")
        for what, names in (
            ("by", self.by),
            ("risk", tuple(r.name for r in self.risk)),
            ("inspectors", tuple(i.id for i in self.inspectors)),
        ):
            if len(set(names)) < len(names):
                raise ValueError(f"{what}: each name once")
        return self

    @property
    def has_no_budget(self) -> bool:
        """Whether nothing says how many calls to draw: then it is all of them."""
        given = (self.budget_calls, self.budget_minutes, self.budget_share, self.machine_hours)
        return all(value is None for value in given)

    def as_json(self) -> dict[str, Any]:
        """The plan as used, every default written out; under rules 1 as it was written then."""
        body = self.model_dump(mode="json", by_alias=True)
        return self._former(body) if self.rules == 1 else body

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> SamplingPlan:
        """The plan of a kept sample. Raises ValidationError for one of another version of ours."""
        return cls.model_validate({"rules": 1, **body})

    def sha256(self) -> str:
        """Hash of the plan without its seed."""
        return content_sha256({k: v for k, v in self.as_json().items() if k != "seed"})

    def seed_for(self, period: str) -> str:
        """The seed of a period's draw where nobody chose one.

        It is made from the period and what the plan says of the draw. Keys that are newer than
        rules 1 have a part in it where they are used, so that the others give the seed they always
        gave; what people listen to of the drawn calls has none.
        """
        body = self._former(self.model_dump(mode="json", by_alias=True))
        del body["seed"]
        if self.machine_hours is not None:
            body["machine_hours"] = self.machine_hours
        return content_sha256([content_sha256(body), period])[:16]

    @staticmethod
    def _former(body: dict[str, Any]) -> dict[str, Any]:
        """A plan's JSON with the keys of rules 1 alone."""
        kept = {k: v for k, v in body.items() if k not in _NEWER}
        return kept | {"budget_share": kept["budget_share"] or FORMER_SHARE}
