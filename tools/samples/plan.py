"""Decide for every sample call when it comes in, who speaks how, and how it is recorded."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tools.samples import topics
from tools.samples.render import Line
from tools.samples.scenarios import AGENTS, Agent, CallKind, assign_agents, call_kinds
from tools.samples.script import Caller
from tools.samples.timeline import Speech
from tools.samples.topics import TOPICS, Topic
from tools.samples.wording import spoken_digits
from tools.speech.slots import CITIES, DEPARTMENTS, GIVEN, ROADS, SURNAMES
from tools.speech.voices import (
    HELD_OUT_VOICES,
    MAIN_VOICES,
    OTHER_VOICES,
    Manner,
    Voice,
)

ZONE = ZoneInfo("Asia/Shanghai")
FIRST_DAY = date(2026, 11, 9)
SHIFTS = {"早班": (8, 16), "中班": (11, 19), "晚班": (14, 22)}

# Calls by hour of the day: two busy stretches and an evening one, fewer at meal times.
_BY_HOUR = {8: 4, 9: 9, 10: 10, 11: 7, 12: 4, 13: 5, 14: 9, 15: 9, 16: 7, 17: 5, 18: 4, 19: 7,
            20: 6, 21: 4}  # fmt: skip
_BY_DAY = (17, 16, 15, 15, 15, 11, 10)
_HELD_OUT_AGENTS = {"8002": 0, "8006": 1, "8009": 0, "8012": 1}
_MP3_UP_TO_S = 60.0
_BASIC_FAULTS = frozenset({"anything-else", "ask-name", "time-limit", "tell-once"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlan:
    """One answered call before its words: `index` names it in every seed."""

    index: int
    kind: CallKind
    agent: Agent
    start_time: datetime


def plans(seed: int) -> tuple[CallPlan, ...]:
    """Return the plans of all answered calls, by start time."""
    rng = random.Random(f"{seed}/plan")
    kinds = call_kinds()
    agents = assign_agents(kinds, rng)
    drawn = [
        CallPlan(index=i, kind=kind, agent=agent, start_time=start_time(rng, SHIFTS[agent.shift]))
        for i, (kind, agent) in enumerate(zip(kinds, agents, strict=True))
    ]
    return tuple(sorted(drawn, key=lambda p: (p.start_time, p.index)))


def start_time(rng: random.Random, hours: tuple[int, int]) -> datetime:
    """Draw a moment of the week between two hours of the day, busy hours more often."""
    day = FIRST_DAY + timedelta(days=rng.choices(range(7), weights=_BY_DAY)[0])
    allowed = range(*hours)
    hour = rng.choices(allowed, weights=[_BY_HOUR[h] for h in allowed])[0]
    return datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), ZONE)


def topic_for(kind: CallKind, rng: random.Random) -> Topic:
    return rng.choice([t for t in TOPICS if t.business == kind.business])


def speech_for(agent: Agent, rng: random.Random) -> tuple[Speech, Speech]:
    """Return how the agent (the same voice in every call) and the customer speak."""
    own = random.Random(f"voice/{agent.agent_id}")
    place = [a.agent_id for a in AGENTS].index(agent.agent_id)
    held = _HELD_OUT_AGENTS.get(agent.agent_id)
    voice = MAIN_VOICES[place % len(MAIN_VOICES)] if held is None else HELD_OUT_VOICES[held]
    manner = Manner(
        speed_wpm=own.randint(186, 214) + rng.randint(-5, 5), pitch=own.randint(40, 60), gap=0
    )
    return Speech(voice=voice, manner=manner), Speech(
        voice=_customer_voice(rng),
        manner=Manner(speed_wpm=rng.randint(178, 222), pitch=rng.randint(36, 64), gap=0),
    )


def caller_for(plan: CallPlan, topic: Topic, customer: Speech, rng: random.Random) -> Caller:
    """Return the customer: an invented name and numbers, the same through the call.

    No number is anybody's: mobile numbers begin with 141 (not given to persons), identity cards
    with a county that does not exist, bank cards with an issuer number made of zeros.
    """
    number = "141" + _digits(rng, 8)
    bank_name = topic.bank_name
    one = {
        "co": rng.choice(topic.companies),
        "sur": rng.choice(SURNAMES),
        "gn": "".join(rng.choice(GIVEN) for _ in range(rng.choice((1, 2, 2)))),
        "t": "先生" if customer.voice.sex == "male" else "女士",
        "prod": rng.choice(topic.products),
        "appl": rng.choice(("空调", "冰箱", "洗衣机", "热水器", "电视机", "净水器")),
        "fault": rng.choice(topics.FAULTS[bank_name]),
        "want": rng.choice(topics.WANTS[bank_name]),
        "dept": rng.choice([d for d in DEPARTMENTS if d not in ("营业厅", "社区服务中心")]),
        "hr": _part_of_day(plan.start_time.hour),
        "city": rng.choice(CITIES[:18]),
        "city2": rng.choice(CITIES[18:]),
        "road": rng.choice(ROADS),
        "acct": rng.choice(topics.ACCOUNTS[bank_name]),
        "no": spoken_digits(plan.agent.agent_id),
        "n4": spoken_digits(_digits(rng, 4)),
        "n8": spoken_digits(_digits(rng, 8)),
        "n11": spoken_digits(number),
        "n16": spoken_digits(_card_number(rng)),
        "n18": spoken_digits(_id_number(rng)),
    }
    some = {
        "place": topics.PLACES[bank_name],
        "doc": topics.DOCUMENTS,
        "doc2": topics.MORE_DOCUMENTS,
        "date": topics.PAST,
        "when": topics.AHEAD,
        "amt": topics.AMOUNTS,
        "days": topics.WITHIN_DAYS,
    }
    slots = {name: (value,) for name, value in one.items()} | some
    return Caller(sex=customer.voice.sex, number=number, slots=slots)


def lines_for(all_plans: Sequence[CallPlan], durations_s: Sequence[float], seed: int) -> list[Line]:
    """Return how each call is recorded; mono only where one channel loses no fault's evidence."""
    rng = random.Random(f"{seed}/lines")
    order = list(range(len(all_plans)))
    rng.shuffle(order)
    two_voices = {"one-interrupt", "customer-interrupts"}
    plain = [
        i
        for i in order
        if all_plans[i].kind.faults <= _BASIC_FAULTS and not all_plans[i].kind.features & two_voices
    ]
    short = sorted(plain, key=lambda i: durations_s[i])[:4]
    codec = dict(zip(short, ("pcm", "alaw", "alaw", "alaw"), strict=True))
    mono = {short[0], short[1], *[i for i in plain if i not in short][:8]}
    stereo = [i for i in order if i not in mono and i not in codec]
    mp3 = [i for i in stereo if durations_s[i] < _MP3_UP_TO_S][:9]
    codec.update(dict.fromkeys([*mp3, *sorted(mono - set(short))[:3]], "mp3"))
    right = {*[i for i in stereo if i not in mp3][:10], *mp3[:2]}
    crosstalk = set(stereo[-12:])
    return [
        Line(
            agent_channel="mono" if i in mono else "right" if i in right else "left",
            codec=codec.get(i, "opus"),
            agent_gain_db=round(rng.uniform(-3.0, 1.5), 1),
            customer_gain_db=round(rng.uniform(-9.0, -1.0), 1),
            noise_db=round(rng.uniform(-68.0, -57.0), 1),
            crosstalk_db=round(rng.uniform(-40.0, -33.0), 1) if i in crosstalk else None,
            ringing="ring" in plan.kind.features,
            seed=rng.randrange(2**31),
        )
        for i, plan in enumerate(all_plans)
    ]


def _customer_voice(rng: random.Random) -> Voice:
    draw = rng.random()
    if draw < 0.33:
        return rng.choice(HELD_OUT_VOICES)
    return rng.choice(MAIN_VOICES if draw < 0.93 else OTHER_VOICES)


def _digits(rng: random.Random, length: int) -> str:
    return "".join(str(rng.randrange(10)) for _ in range(length))


def _part_of_day(hour: int) -> str:
    return "早上" if hour < 9 else "上午" if hour < 12 else "下午" if hour < 18 else "晚上"


def _id_number(rng: random.Random) -> str:
    born = date(1960, 1, 1) + timedelta(days=rng.randrange(15000))
    while True:
        body = f"119999{born:%Y%m%d}{rng.randrange(1000):03d}"
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        check = (12 - sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11) % 11
        if check < 10:
            return f"{body}{check}"


def _card_number(rng: random.Random) -> str:
    body = "620000" + _digits(rng, 9)
    doubled = [int(d) * (2 if place % 2 == 0 else 1) for place, d in enumerate(reversed(body))]
    total = sum(d - 9 if d > 9 else d for d in doubled)
    return f"{body}{-total % 10}"
