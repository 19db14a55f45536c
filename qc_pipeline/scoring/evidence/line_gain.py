"""The difference in level between two parties, as far as their lines can be taken out of it. Pure.

What arrives in a recording is the voice times the gain of its line: a headset and a mobile differ
by 6 to 12 dB. One call cannot tell the two apart. Over many calls it can be told how loudly this
agent's line usually comes in and how loudly customers usually do; what differs from that in one
call is closer to how loudly somebody spoke. The customer's own line stays in the figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from qc_pipeline.call import Measures, Speaker

LEAST_CALLS = 5
"""Of an agent; with fewer nothing is usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLevels:
    """Active speech levels of one call, in dB of full scale."""

    agent_id: str
    agent_db: float
    customer_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualLevels:
    """What is usual among calls: each agent's median level (of agents with enough calls), and the
    median level of all their customers.
    """

    agents: Mapping[str, float]
    customers_db: float | None


NOTHING_USUAL = UsualLevels(agents={}, customers_db=None)


def call_levels(agent_id: str | None, measures: Measures | None) -> CallLevels | None:
    """The levels of one call; None where one of them, or whose call it was, is not known."""
    if agent_id is None or measures is None:
        return None
    agent, customer = (measures.get(s, "level_db") for s in Speaker)
    if agent is None or customer is None:
        return None
    return CallLevels(agent_id=agent_id, agent_db=agent, customer_db=customer)


def usual_levels(calls: Iterable[CallLevels]) -> UsualLevels:
    """What is usual among `calls`."""
    of_agent: dict[str, list[float]] = {}
    customers: list[float] = []
    for call in calls:
        of_agent.setdefault(call.agent_id, []).append(call.agent_db)
        customers.append(call.customer_db)
    if not customers:
        return NOTHING_USUAL
    return UsualLevels(
        agents={k: median(v) for k, v in of_agent.items() if len(v) >= LEAST_CALLS},
        customers_db=median(customers),
    )


def corrected_difference_db(one: CallLevels, usual: UsualLevels) -> float | None:
    """How much louder the agent was than the customer, above what is usual for the agent's line.

    None where the agent has too few calls.
    """
    own = usual.agents.get(one.agent_id)
    if own is None or usual.customers_db is None:
        return None
    return (one.agent_db - own) - (one.customer_db - usual.customers_db)
