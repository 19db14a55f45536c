"""Who reads a report, and what they may see of calls and agents."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from qc_pipeline.errors import UsageError

HASH_CHARS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """`manager` sees all; `lead` the own group in full and others as totals; `agent` the own page
    and calls; `meeting` (班会版) every ordinary call without names or numbers of agents. Mystery
    calls are the manager's alone."""

    kind: str
    value: str = ""

    def sees_call(self, *, team: str, agent_id: str | None, mystery: bool) -> bool:
        if self.kind == "manager":
            return True
        if mystery:
            return False
        if self.kind == "lead":
            return team == self.value
        if self.kind == "agent":
            return agent_id == self.value
        return True

    def folder_name(self, period: str) -> str:
        """The folder of this audience's report beside the others of the period.

        A group's or agent's name may hold anything, so it stands there as a short hash.
        """
        plain = period.replace("..", "_")
        if self.kind == "manager":
            return plain
        if not self.value:
            return f"{plain}-{self.kind}"
        digest = hashlib.sha256(f"{self.kind}:{self.value}".encode()).hexdigest()
        return f"{plain}-{self.kind}-{digest[:HASH_CHARS]}"

    @property
    def names_agents(self) -> bool:
        return self.kind != "meeting"

    @property
    def sees_groups(self) -> bool:
        return self.kind != "agent"

    @property
    def sees_making(self) -> bool:
        """Whether failures, excluded rows and strata are listed one by one, not only counted."""
        return self.kind == "manager"


def parse_audience(text: str) -> Audience:
    """`manager`, `meeting`, `lead:GROUP`, `agent:ID`; raises UsageError on anything else."""
    kind, colon, value = text.partition(":")
    value = value.strip()
    if kind in ("manager", "meeting") and not colon:
        return Audience(kind=kind)
    if kind in ("lead", "agent") and value:
        return Audience(kind=kind, value=value)
    raise UsageError(f"audience {text!r}: allowed are manager, meeting, lead:GROUP and agent:ID")
