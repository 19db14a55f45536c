"""The kinds of sample calls: business, length, who hangs up, what goes wrong on purpose, who talks.

One line of `_WITH_FAULTS` and `_CLEAN` is one call:
`business contact seconds hangup | faults | features`, in the ids of the sample rubric's checklist.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

_WITH_FAULTS = """
咨询 first 27 agent | greeting |
咨询 first 20 customer | greeting courtesy |
咨询 repeat 35 customer | greeting address-name |
咨询 first 70 agent | ask-name anything-else |
咨询 first 72 agent | ask-name |
业务办理 first 75 customer | ask-name hold-notice |
账单 first 75 agent | ask-name hold-return | hold-long
咨询 repeat 35 agent | address-name |
业务办理 repeat 55 agent | address-name verify-identity |
咨询 first 23 agent | courtesy closing |
咨询 first 20 customer | courtesy |
报修 first 47 customer | hold-notice |
业务办理 first 58 agent | hold-notice |
账单 first 74 agent | hold-notice | hold-notice-twice
业务办理 first 58 agent | hold-return | hold-long
账单 repeat 62 agent | hold-return anything-else | hold-long
咨询 first 58 agent | dead-air anything-else |
账单 repeat 55 agent | dead-air |
业务办理 first 58 customer | dead-air |
咨询 first 47 agent | interrupt |
账单 first 70 agent | interrupt | interrupt-often
报修 first 55 agent | interrupt |
投诉 first 78 customer | interrupt empathy |
咨询 first 35 agent | taboo |
报修 first 43 agent | taboo closing |
业务办理 repeat 47 customer | taboo tell-once |
投诉 first 62 agent | taboo block-complaint |
账单 first 47 agent | abuse |
投诉 repeat 62 customer | abuse block-complaint |
投诉 first 51 customer | abuse empathy |
业务办理 first 55 agent | privacy |
账单 first 51 agent | privacy | privacy-card
账单 repeat 47 customer | privacy |
咨询 first 35 agent | first-asked |
咨询 repeat 39 customer | first-asked |
报修 first 43 agent | first-asked anything-else |
咨询 first 39 agent | unknown-escalate |
咨询 first 39 agent | unknown-escalate anything-else |
业务办理 first 51 customer | unknown-escalate |
咨询 first 43 agent | no-overpromise |
业务办理 first 58 agent | no-overpromise anything-else |
报修 first 51 agent | no-overpromise time-limit |
咨询 repeat 51 agent | tell-once |
业务办理 repeat 55 agent | tell-once |
咨询 first 130 agent | confirm-need |
业务办理 repeat 134 agent | confirm-need |
账单 first 128 customer | confirm-need verify-identity |
投诉 first 134 agent | confirm-need escalate-who-when | supervisor
业务办理 first 47 customer | verify-identity |
报修 first 47 agent | read-back |
报修 repeat 51 agent | read-back time-limit |
报修 first 55 agent | read-back anything-else |
报修 first 43 customer | time-limit |
报修 repeat 39 agent | closing |
投诉 first 62 agent | empathy |
投诉 first 75 customer | complaint-record ask-name | drop-name
投诉 repeat 66 agent | complaint-record | drop-phone
投诉 first 74 agent | complaint-record | drop-matter
投诉 first 78 customer | supervisor-request | supervisor
投诉 repeat 82 customer | supervisor-request block-complaint | supervisor
投诉 first 74 agent | supervisor-request taboo | supervisor
投诉 first 74 agent | authority-threat | threat
投诉 repeat 74 customer | authority-threat address-name | threat
投诉 first 70 customer | authority-threat | threat
投诉 first 74 agent | escalate-who-when | supervisor
投诉 repeat 70 agent | escalate-who-when | threat
"""

_CLEAN = """
咨询 first 22 agent | |
咨询 first 23 customer | | mystery
咨询 first 25 customer | |
咨询 first 27 agent | | ring
咨询 repeat 23 agent | |
咨询 first 31 agent | |
咨询 first 31 agent | | unknown
咨询 repeat 35 agent | | no-guarantee
咨询 first 35 customer | | push-recovered
咨询 first 39 agent | | one-dead-air
咨询 first 184 customer | | hold-long confirm search
业务办理 first 35 agent | |
业务办理 first 39 agent | | hold
业务办理 first 47 customer | | hold backchannel
业务办理 first 58 agent | | hold-long hold-music
业务办理 first 55 customer | | ask-wait
业务办理 first 165 agent | | hold-long confirm backchannel
业务办理 first 47 agent | | search
账单 first 43 agent | | hold
账单 repeat 35 customer | | hold
账单 first 47 agent | | one-interrupt
账单 first 62 agent | | hold-long
账单 first 126 customer | | hold-long confirm
账单 repeat 47 agent | | unknown hold
账单 first 43 customer | | mystery hold
报修 first 39 agent | |
报修 first 43 agent | | backchannel
报修 first 47 agent | | customer-interrupts
报修 first 55 customer | | one-interrupt no-guarantee
报修 repeat 47 agent | | push-recovered
报修 first 132 agent | | hold-long confirm
投诉 first 58 agent | |
投诉 first 62 customer | |
投诉 first 74 customer | | supervisor
投诉 first 70 agent | | threat
投诉 first 62 agent | | supervisor-once
投诉 first 70 customer | | supervisor-withdrawn
投诉 repeat 236 agent | | supervisor threat confirm hold-long
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallKind:
    """What one call shall be. `seconds` is what the dialogue aims at, not what it will last."""

    business: str
    contact: str
    seconds: float
    hangup_by: str
    faults: frozenset[str]
    features: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A synthetic agent. `care` in [0, 1]: how seldom calls with faults are theirs."""

    agent_id: str
    team: str
    shift: str
    care: float
    hire_date: str

    @property
    def name(self) -> str:
        return f"坐席{self.agent_id[-2:]}"


AGENTS: tuple[Agent, ...] = tuple(
    Agent(agent_id=i, team=team, shift=shift, care=care, hire_date=hired)
    for i, team, shift, care, hired in (
        ("8001", "受理一组", "早班", 0.90, "2021-03-15"),
        ("8002", "受理一组", "早班", 0.55, "2024-07-01"),
        ("8003", "受理一组", "中班", 0.25, "2026-08-17"),
        ("8004", "受理一组", "晚班", 0.60, "2023-05-08"),
        ("8005", "受理二组", "早班", 0.85, "2020-11-02"),
        ("8006", "受理二组", "中班", 0.50, "2025-02-24"),
        ("8007", "受理二组", "晚班", 0.20, "2026-09-07"),
        ("8008", "受理二组", "晚班", 0.60, ""),
        ("8009", "受理三组", "早班", 0.50, "2022-09-19"),
        ("8010", "受理三组", "中班", 0.90, "2019-06-10"),
        ("8011", "受理三组", "晚班", 0.30, "2026-06-01"),
        ("8012", "受理三组", "中班", 0.65, "2024-01-08"),
    )
)


def call_kinds() -> tuple[CallKind, ...]:
    """Return the kinds of all answered calls, those with faults first."""
    lines = (_WITH_FAULTS + _CLEAN).split("\n")
    return tuple(_kind(line) for line in lines if line.strip())


def assign_agents(kinds: Sequence[CallKind], rng: random.Random) -> tuple[Agent, ...]:
    """Return the agent of each call: nearly equal shares, faults mostly with the less careful.

    Test calls with no fault go wherever there is room, so that everybody has clean calls.
    """
    share = -(-len(kinds) // len(AGENTS))
    load = {a.agent_id: 0 for a in AGENTS}
    faulty = {a.agent_id: 0 for a in AGENTS}
    chosen: list[Agent] = []
    for kind in kinds:
        room = [a for a in AGENTS if load[a.agent_id] < share]
        if kind.faults:
            room = [a for a in room if faulty[a.agent_id] < round((1.15 - a.care) * share)] or room
            agent = rng.choices(room, weights=[1.1 - a.care for a in room])[0]
            faulty[agent.agent_id] += 1
        else:
            agent = rng.choices(room, weights=[share - load[a.agent_id] for a in room])[0]
        load[agent.agent_id] += 1
        chosen.append(agent)
    return tuple(chosen)


def _kind(line: str) -> CallKind:
    head, faults, features = line.split("|")
    business, contact, seconds, hangup_by = head.split()
    return CallKind(
        business=business,
        contact=contact,
        seconds=float(seconds),
        hangup_by=hangup_by,
        faults=frozenset(faults.split()),
        features=frozenset(features.split()),
    )
