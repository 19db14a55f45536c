"""The result of a draw: which recordings, from which stratum, with what inclusion probability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from qc_pipeline.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One drawn recording.

    `origin` is "drawn", "forced" (put in by a person) or "mystery" (test call, always in); only
    drawn ones carry an inclusion probability in (0, 1] and enter estimates. `relisten` marks the
    calls of the second tier that a person hears in full, `relisten_probability` a drawn call's
    chance of it; `relisten_part` is "random" (equal chances of all calls of an agent: what makes
    the personal score) or "targeted" (complaints, calls of risk, of new agents), "" where it is
    neither or was drawn before there were two parts; `random_probability` is a drawn call's chance
    of the random part. `inspector` is who got it, if anybody.
    """

    recording_id: str
    stratum: str
    origin: str = "drawn"
    probability: float | None = None
    risk_class: str = ""
    agent_id: str | None = None
    relisten: bool = False
    relisten_probability: float | None = None
    inspector: str | None = None
    relisten_part: str = ""
    random_probability: float | None = None

    @property
    def personal(self) -> bool:
        """Whether the call is one of those that make its agent's score."""
        return self.origin == "drawn" and self.relisten and self.relisten_part != "targeted"

    @property
    def personal_chance(self) -> float | None:
        """The chance of a drawn call to be in its agent's score, that of being drawn included."""
        if self.origin != "drawn" or self.probability is None:
            return None
        return self.probability * (self.random_probability or 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumRow:
    """One line of the table that is shown: what a stratum held, was promised and gave.

    `merged_from` lists the cells that were put together because they were empty or tiny.
    """

    stratum: str
    duration_band: str
    slot: str
    frame: int
    allocated: float
    drawn: int
    merged_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One line of the plan: a stratum's calls of a risk class, and the rate they are drawn at.

    `least_rate` and `most_rate` differ where agents' quotas raise or lower some of them.
    """

    stratum: str
    risk_class: str
    frame: int
    expected: float
    least_rate: float
    most_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCount:
    """A condition of the plan with its multiplier and how many calls of the frame meet it."""

    name: str
    multiplier: float
    frame: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A recording of the list that is outside the sampling frame, with the reason."""

    recording_id: str
    reason: Message


SEED_LONGEST = 200
"""Characters of a seed that the record holds."""

_LATER = (
    "reserve_classes",
    "reserve_probabilities",
    "agent_least",
    "seed_origin",
    "seed_reason",
    "frame_table_sha256",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A period's draw. `picks` are sorted by recording_id; the order of work is `picks`' order.

    `frame_size` counts the recordings that could have been drawn; `plan` is the plan as used and
    `plan_sha256` its hash; `frame_sha256` the hash of the frame's (recording_id, stratum, agent).
    `reserve` are the recordings next in the seeded order, with their strata and agents in tuples
    of the same length: they replace drawn ones that prove invalid, in this order. Their risk
    classes and the probabilities of their own cells stand beside them; samples drawn before these
    were kept have none (both empty), nor `agent_least`: fewest calls of the agents whose quota is
    above the plan's `agent_min`.
    `notes` are for the inspector (merges, capped rates, quotas that were shared out).
    `risk` and `risk_plan` say, under allocation "risk", what makes calls more likely to be drawn.
    `history` is what earlier periods told the draw (`History.as_json`), as far as it counted.
    `seed_origin` says where the seed is from: "derived" from plan and period, "settings" (written
    in the plan) or "given" by the person who drew, for `seed_reason`; "" in samples that were kept
    before it was. `frame_table_sha256` is the hash of the kept frame (`KeptFrame`), "" without one.
    """

    period: str
    seed: str
    plan: Mapping[str, Any]
    plan_sha256: str
    frame_sha256: str
    frame_size: int
    picks: tuple[Pick, ...]
    strata: tuple[StratumRow, ...]
    excluded: tuple[Exclusion, ...] = ()
    reserve: tuple[str, ...] = ()
    reserve_strata: tuple[str, ...] = ()
    reserve_agents: tuple[str, ...] = ()
    reserve_classes: tuple[str, ...] = ()
    reserve_probabilities: tuple[float, ...] = ()
    agent_least: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[Message, ...] = field(default=())
    risk: tuple[RiskCount, ...] = ()
    risk_plan: tuple[PlanRow, ...] = ()
    history: Mapping[str, Any] = field(default_factory=dict)
    seed_origin: str = ""
    seed_reason: str = ""
    frame_table_sha256: str = ""

    @property
    def has_parts(self) -> bool:
        """Whether the calls that are listened to are a random and a targeted part."""
        return any(p.relisten_part for p in self.picks)

    def as_json(self) -> dict[str, Any]:
        """What is kept and exported; messages stand there by their wording.

        What samples drawn before did not have stands there only where it holds something, so that
        these keep their bytes.
        """
        body = asdict(replace(self, excluded=(), notes=()))
        for pick in () if self.seed_origin else body["picks"]:
            for name in ("relisten_part", "random_probability"):
                del pick[name]
        return {k: v for k, v in body.items() if k not in _LATER or v} | {
            "excluded": tuple(
                {"recording_id": e.recording_id, "reason": e.reason.text} for e in self.excluded
            ),
            "notes": tuple(n.text for n in self.notes),
        }
