"""The agent's clock: requests with a time, forwarded by the lead or going to QA by themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cases.appeals.test_appeals import SUN, ZHAO
from tests.fixtures import Clock
from tests.weeks import PERIOD, make_week, qc, qc_json

WANG, QIAN, AGENT = ("--as", "wang"), ("--as", "qian"), ("--as", "agent2")
ASK = ("appeal", "request", "r3", "taboo", "--reason", "客户先说的")


def ask(folder: Path, *words: str, who: Any = SUN) -> Any:
    return qc_json(folder, *ASK, *words, *who)


@pytest.fixture
def with_agent(published_week: Path) -> Path:
    path = published_week / "qc.toml"
    text = path.read_text("utf-8")
    path.write_text(
        text + '[people.agent2]\nname = "坐席二"\nroles = ["agent"]\nagent_id = "a2"\n', "utf-8"
    )
    return published_week


def test_request_waits_for_the_lead_and_keeps_its_time(published_week: Path, clock: Clock) -> None:
    clock.set("2026-11-17T15:00:00")
    made = ask(published_week, "--requested", "2026-11-17T08:30")
    assert (made["requested_at"], made["forward_due"]) == (
        "2026-11-17T08:30:00+08:00",
        "2026-11-18",
    )
    listed = qc_json(published_week, "appeal", "list")
    assert [r["number"] for r in listed["requests"]] == [1]
    assert listed["objections"] == []
    told = qc(published_week, "appeal", "list").out
    assert "待组长转交 1" in told
    assert "2026-11-18 前转交：客户先说的" in told
    # The window closes with the 18th; forwarded on the 20th it is still of the 17th.
    clock.set("2026-11-18T23:00:00")
    done = qc_json(published_week, "appeal", "forward", "1", *SUN)
    assert (done["request"], done["by"], done["forwarded_late"]) == (1, "孙组长", False)
    assert done["reason"] == "客户先说的"
    assert done["requested_at"] == "2026-11-17T08:30:00+08:00"
    assert (
        "request 1 is objection 1 already"
        in qc(published_week, "appeal", "forward", "1", *SUN, expect=2).err
    )


def test_what_the_lead_does_not_forward_goes_to_qa_by_itself_and_is_shown_as_theirs(
    published_week: Path, clock: Clock
) -> None:
    clock.set("2026-11-18T20:00:00")
    ask(published_week)
    clock.set("2026-11-19T23:59:00")
    assert qc_json(published_week, "appeal", "list")["objections"] == []
    clock.set("2026-11-20T00:01:00")
    (made,) = qc_json(published_week, "appeal", "list")["objections"]
    assert (made["by"], made["forwarded_late"], made["state"]) == ("孙组长", True, "open")
    assert "组长逾期未转，自动转质检" in qc(published_week, "appeal", "list").out
    assert qc_json(published_week, "appeal", "list")["requests"] == []
    done = qc_json(
        published_week, "appeal", "decide", "1", "--upheld", "--reason", "客户在复述", *ZHAO
    )
    assert done["total_after"] == 100


def test_time_of_the_request_counts_and_not_that_of_its_entry(
    published_week: Path, clock: Clock
) -> None:
    clock.set("2026-11-23T09:00:00")
    assert "closed with the end of 2026-11-18" in qc(published_week, *ASK, *SUN, expect=2).err
    for wrong in ("2026-11-15T10:00", "2026-11-23T10:00", "morgen"):
        told = qc(published_week, *ASK, "--requested", wrong, *SUN, expect=2).err
        assert "--requested" in told or "a time is written" in told
    made = qc_json(published_week, "appeal", "open", "r3", "taboo", "--reason", "x",
                   "--requested", "2026-11-18T22:00", *SUN)  # fmt: skip
    assert made["requested_at"] == "2026-11-18T22:00:00+08:00"


@pytest.mark.parametrize(
    ("next_shift", "last"),
    [
        ("2026-11-18", "2026-11-20"),  # a night: two working days from the next shift
        ("2026-11-24", "2026-11-25"),  # leave: seven working days after publication at most
        ("2026-12-07", "2026-11-25"),
    ],
)
def test_nights_and_leave_put_the_window_off(
    published_week: Path, clock: Clock, next_shift: str, last: str
) -> None:
    words = (*ASK, "--next-shift", next_shift, *SUN)
    clock.set(f"{last}T23:59:00")
    over = f"{last[:8]}{int(last[8:]) + 1:02}T00:00:00"
    assert qc_json(published_week, *words)["next_shift"] == next_shift
    clock.set(over)
    told = qc(published_week, "appeal", "request", "r2", "greeting", "--reason", "x",
              "--next-shift", next_shift, *SUN, expect=2).err  # fmt: skip
    assert f"closed with the end of {last}" in told
    told = qc(published_week, *ASK, "--next-shift", "2026-11-01", *SUN, expect=2).err
    assert "is before the publication" in told


def test_agents_ask_for_their_own_calls_alone(with_agent: Path) -> None:
    assert ask(with_agent, who=AGENT)["agent_id"] == "a2"
    other = ("appeal", "request", "r2", "greeting", "--reason", "x", *AGENT)
    assert "r2 is not a call of 坐席二" in qc(with_agent, *other, expect=2).err
    assert "waits already" in qc(with_agent, *ASK, *AGENT, expect=2).err
    # They forward nothing themselves, and decide nothing.
    qc(with_agent, "appeal", "forward", "1", *AGENT, expect=2)
    qc(with_agent, "review", "r3", "taboo", "--overturn", "--reason", "x", *AGENT, expect=2)


def test_lead_who_objects_takes_the_request_along(published_week: Path) -> None:
    ask(published_week)
    made = qc_json(published_week, "appeal", "open", "r3", "taboo", "--reason", "误判", *SUN)
    assert (made["request"], made["reason"]) == (1, "误判")
    assert qc_json(published_week, "appeal", "list")["requests"] == []


def test_period_is_not_final_while_a_request_waits(published_week: Path, clock: Clock) -> None:
    clock.set("2026-11-18T22:00:00")
    ask(published_week)
    clock.set("2026-11-19T09:00:00")
    final = ("publish", PERIOD, "--final", "--yes", *QIAN)
    told = qc(published_week, *final, expect=2).err
    assert "r3: the agent's request 1 to object to taboo waits for the lead" in told
    assert "`qc appeal forward 1`" in told
    clock.set("2026-11-20T09:00:00")
    assert "objection 1 to taboo is not decided yet" in qc(published_week, *final, expect=2).err


def test_what_cost_nothing_may_be_corrected_without_points(tmp_path: Path, clock: Clock) -> None:
    from tests.weeks import RUBRIC

    rubric = RUBRIC.replace(
        "        title: 服务禁语\n", "        title: 服务禁语\n        status: trial\n"
    )
    folder = make_week(tmp_path / "week", rubric=rubric)
    qc(folder, "review", "r6", "abuse", "--overturn", "--reason", "x", *WANG)
    qc(folder, "review", "r5", "promise", "--overturn", "--reason", "x", *WANG)
    clock.set("2026-11-16T09:00:00")
    qc(folder, "publish", PERIOD, *QIAN)
    made = qc_json(folder, "appeal", "open", "r3", "taboo", "--reason", "没有说", *SUN)
    assert made["kind"] == "correction"
    told = qc(folder, "appeal", "list").out
    assert "更正（不涉及分数）" in told
    decide = ("appeal", "decide", "1", "--reason", "确实没有", *ZHAO)
    assert "更正，不涉及分数" in qc(folder, *decide, "--partly", "--points", "1", expect=2).err
    before = qc_json(folder, "show", "r3")["total"]
    done = qc_json(folder, *decide, "--upheld")
    assert done["effect"]["total_after"] == before
    assert [(c["id"], c["verdict_after"]) for c in done["effect"]["criteria"]] == [
        ("taboo", "pass")
    ]
    rates = qc_json(folder, "appeal", "list")["rates"]
    assert rates["corrections"] == 1
    assert rates["objected"]["part"] == 0


def test_list_is_in_the_order_of_last_days(published_week: Path, clock: Clock) -> None:
    qc_json(published_week, "appeal", "open", "r3", "taboo", "--reason", "x", *SUN)
    qc_json(published_week, "appeal", "decide", "1", "--rejected", "--reason", "x", *ZHAO)
    qc_json(published_week, "appeal", "open", "r5", "promise", "--reason", "x", "--as", "wu")
    clock.set("2026-11-18T10:00:00")
    qc_json(published_week, "appeal", "open", "r3", "taboo", "--reason", "x", *SUN)
    listed = qc_json(published_week, "appeal", "list")["objections"]
    assert [(o["number"], o["state"]) for o in listed] == [
        (2, "open"),
        (3, "open"),
        (1, "rejected"),
    ]
    outcomes = qc_json(published_week, "appeal", "list")["rates"]["outcomes"]
    assert outcomes == {"upheld": 0, "partly": 0, "rejected": 1, "withdrawn": 0, "open": 2}
    assert "申诉结果：通过 0，部分通过 0，驳回 1" in qc(published_week, "appeal", "list").out
