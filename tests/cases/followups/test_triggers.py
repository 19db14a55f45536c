"""What opens a follow-up by rule, and how many of them."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from qc_pipeline.call import Recording
from qc_pipeline.cases.followups.triggers import Promise, promise_hit, promises_in, rating_hit
from qc_pipeline.workspace.calendar import WorkingCalendar
from tests.builders import transcript, turn
from tests.fixtures import Clock
from tests.weeks import FINE, PERIOD, make_week, qc, qc_json

SHANGHAI = ZoneInfo("Asia/Shanghai")
THURSDAY = datetime(2026, 11, 12, 10, 0, tzinfo=SHANGHAI)
PLAIN = WorkingCalendar(country="none")


def call(start: datetime, recording_id: str = "x", **fields: Any) -> Recording:
    return Recording(
        recording_id=recording_id, path="x.wav", start_time=start, agent_id="a", fields=fields
    )


@pytest.mark.parametrize(
    ("said", "until"),
    [
        ("我们会在二十四小时内给您回电", "2026-11-13T10:00:00"),
        ("请您放心专员会在三个工作日内联系您", "2026-11-17T23:59:59.999999"),  # Fri, Mon, Tue
        ("我们三天内给您答复", "2026-11-15T10:00:00"),
        ("稍后给您回电", None),  # no time limit
        ("我们查\uff0c会不会两天内呢", None),  # another clause
        ("请您三天内补交材料", None),  # the customer's to do
        ("这个业务二十四小时内生效", None),  # nobody promises to call
    ],
)
def test_a_promise_has_a_time_limit_and_somebody_who_will_act(said: str, until: str | None) -> None:
    words = transcript(
        turn("agent", 3.0, 7.0, said), turn("customer", 8.0, 11.0, "我们两天内给您回电")
    )
    found = promises_in(words, THURSDAY, PLAIN)
    if until is None:
        assert found == ()
    else:
        assert [p.until for p in found] == [datetime.fromisoformat(until).replace(tzinfo=SHANGHAI)]
        assert found[0].start_s == 3.0


PROMISE = Promise(text="24小时内", start_s=3.0, until=THURSDAY + timedelta(hours=24))


@pytest.mark.parametrize(
    ("hours", "direction", "hit"),
    [
        (23.0, "in", False),  # before it ran out
        (24.5, "in", True),
        (24.0 + 7 * 24, "in", True),
        (24.1 + 7 * 24, "in", False),  # too late to be about it
        (24.5, "out", False),
    ],
)
def test_a_promise_is_broken_where_the_customer_calls_again_after_it_ran_out(
    hours: float, direction: str, hit: bool
) -> None:
    again = call(THURSDAY + timedelta(hours=hours), "again", direction=direction)
    found = promise_hit(call(THURSDAY), [PROMISE], [again])
    assert (found is not None) is hit


def test_a_promise_is_kept_by_a_call_of_the_centre_before_the_customers() -> None:
    back = call(THURSDAY + timedelta(hours=20), "back", direction="out")
    again = call(THURSDAY + timedelta(hours=30), "again", direction="in")
    unanswered = call(THURSDAY + timedelta(hours=20), "back", direction="out", answered=False)
    assert promise_hit(call(THURSDAY), [PROMISE], [again, back]) is None
    found = promise_hit(call(THURSDAY), [PROMISE], [again, unanswered])
    assert found is not None
    assert dict(found.facts) == {
        "promise": "24小时内", "month": "11", "day": "13", "time": "16:00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rating", "hit"),
    [("不满意", True), ("非常不满意", True), ("Dissatisfied", True), ("满意", False), ("1", False)],
)
def test_a_rating_in_words_says_who_was_not_content(rating: str, hit: bool) -> None:
    assert (rating_hit(call(THURSDAY, satisfaction=rating)) is not None) is hit


PROMISED = (FINE[0], ("customer", "我要查账单"), ("agent", "我们会在24小时内给您回电"))


@pytest.fixture(scope="module")
def rated_week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Besides the six calls r7: a promise of 24 hours on Sunday, 15 November, to customer K7, who
    calls again on Tuesday and was not content; nor were r1's and r3's; r2 is a test call.
    """
    return make_week(
        tmp_path_factory.mktemp("rated") / "week",
        more={"r7": PROMISED},
        fields={
            "customer_id": {"r7": "K7", "r1": "K1"},
            "satisfaction": {
                "r1": "不满意", "r2": "不满意", "r3": "非常不满意", "r4": "满意", "r7": "不满意",
            },
            "mystery": {"r2": "true"},
            "direction": {f"r{n}": "in" for n in range(1, 8)},
        },
        rows_after=["r9,r9.wav,2026-11-17T09:00:00,a1,坐席1,一组,30,K7,,,in"],
    )  # fmt: skip


@pytest.fixture
def week(rated_week: Path, tmp_path: Path, clock: Clock) -> Path:
    return Path(shutil.copytree(rated_week, tmp_path / "week"))


def set_targets(folder: Path, text: str) -> None:
    with (folder / "qc.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[targets]\n{text}\n")


def decide(folder: Path) -> None:
    qc(folder, "review", "r6", "abuse", "--confirm", "--as", "wang")
    qc(folder, "review", "r5", "promise", "--confirm", "--as", "wang")


def listed(folder: Path) -> list[tuple[str, str, tuple[str, ...]]]:
    found = qc_json(folder, "followup", "list")["followups"]
    return sorted((f["recording_id"], f["state"], tuple(f["rules"])) for f in found)


def test_a_confirmed_red_line_opens_a_follow_up_at_once(week: Path, clock: Clock) -> None:
    done = qc(week, "review", "r6", "abuse", "--confirm", "--as", "wang")
    assert "follow-up 1 is opened by rule" in done.err
    (made,) = qc_json(week, "followup", "list")["followups"]
    assert (made["recording_id"], made["state"], made["due"]) == ("r6", "waiting", "2026-11-18")
    assert made["problem"] == "触碰红线（已确认）：辱骂客户"
    assert (made["group"], made["handler"]) == ("二组", "坐席5")
    line = qc_json(week, "audit", "--action", "followup")["lines"][-1]
    assert (line["action"], line["person"], line["what"]["rules"]) == (
        "followup.open", "王质检", "fatal",
    )  # fmt: skip


def test_what_is_overturned_or_costs_little_opens_none(week: Path, clock: Clock) -> None:
    qc(week, "review", "r6", "abuse", "--overturn", "--reason", "复述", "--as", "wang")
    qc(week, "review", "r1", "tone", "--points", "1", "--reason", "x", "--as", "wang")
    assert listed(week) == []


def test_publishing_opens_what_the_rules_find(week: Path, clock: Clock) -> None:
    set_targets(week, 'follow_up_criteria = ["promise"]')
    decide(week)
    done = qc(week, "publish", PERIOD, "--as", "qian")
    # r2 is a test call; r5 and r6 were opened when they were confirmed.
    assert "follow-ups opened by rule 3, suggested 0" in done.out
    assert listed(week) == [
        ("r1", "waiting", ("dissatisfied",)),
        ("r3", "waiting", ("dissatisfied",)),
        ("r5", "waiting", ("complaint",)),
        ("r6", "waiting", ("fatal",)),
        ("r7", "waiting", ("promise", "dissatisfied")),
    ]
    found = {f["recording_id"]: f for f in qc_json(week, "followup", "list")["followups"]}
    assert found["r7"]["problem"] == (
        "承诺「24小时内」到期未回复，客户 11 月 17 日 09:00 再次来电；客户评价：不满意"
    )
    assert found["r5"]["problem"] == "投诉未按规定登记或升级：承诺回电"


def test_rules_open_nothing_twice(week: Path, clock: Clock) -> None:
    decide(week)
    qc(week, "publish", PERIOD, "--as", "qian")
    before = listed(week)
    assert len(before) == 4
    qc(week, "publish", PERIOD, "--as", "qian")
    again = qc_json(week, "followup", "open", "--by-rule", "-p", PERIOD, "--as", "wang")
    assert again == {"opened": [], "suggested": []}
    assert listed(week) == before


def test_more_than_a_group_can_bear_is_suggested_gravest_first(week: Path, clock: Clock) -> None:
    set_targets(week, "follow_ups_a_week = 1")
    decide(week)
    done = qc_json(week, "publish", PERIOD, "--as", "qian")
    # 一组: the broken promise of r7 comes before the ratings of r3 (66.67) and r1 (100).
    assert listed(week) == [
        ("r1", "suggested", ("dissatisfied",)),
        ("r3", "suggested", ("dissatisfied",)),
        ("r6", "waiting", ("fatal",)),
        ("r7", "waiting", ("promise", "dissatisfied")),
    ]
    assert (len(done["followups_opened"]), len(done["followups_suggested"])) == (1, 2)
    by_call = {f["recording_id"]: f for f in qc_json(week, "followup", "list")["followups"]}
    first, second = by_call["r3"]["number"], by_call["r1"]["number"]
    assert first < second
    words = ("followup", "feedback", str(first), "--result", "x", "--as", "sun")
    refused = qc(week, *words, expect=2).err
    assert f"follow-up {first} is suggested: it takes no feedback" in refused
    opened = qc_json(week, "followup", "open", "--suggested", str(first), "--as", "wang")
    assert (opened["state"], opened["due"]) == ("waiting", "2026-11-18")
    refused = qc(week, "followup", "close", str(second), "--as", "wang", expect=2).err
    assert "say why it needs no follow-up: --reason TEXT" in refused
    drop = ("followup", "close", str(second), "--reason", "客户误按", "--as", "wang")
    assert qc_json(week, *drop)["state"] == "dropped"
    assert qc_json(week, "followup", "list")["on_time"]["share"] is None


def test_a_promise_of_an_earlier_week_is_looked_at_again(tmp_path: Path, clock: Clock) -> None:
    folder = make_week(
        tmp_path / "week",
        more={"r7": PROMISED},
        fields={"customer_id": {"r7": "K7"}, "direction": {"r7": "in"}},
    )
    open_ = ("followup", "open", "--by-rule", "--as", "wang")
    assert qc_json(folder, *open_, "-p", PERIOD)["opened"] == []
    # Next week's list has the customer's second call.
    with (folder / "calls.csv").open("a", encoding="utf-8") as file:
        file.write("r9,r9.wav,2026-11-17T09:00:00,a1,坐席1,一组,30,K7,in\n")
    qc(folder, "sample", "-p", "2026-W47")
    assert qc_json(folder, *open_, "-p", "2026-W47")["opened"] == [1]
    (made,) = qc_json(folder, "followup", "list")["followups"]
    assert (made["recording_id"], made["period"], made["rules"]) == ("r7", PERIOD, ["promise"])
    assert made["problem"] == "承诺「24小时内」到期未回复，客户 11 月 17 日 09:00 再次来电"


def test_without_the_role_rules_open_nothing(week: Path, clock: Clock) -> None:
    words = ("followup", "open", "--by-rule", "-p", PERIOD, "--as", "sun")
    assert "孙组长 may not do this" in qc(week, *words, expect=2).err
    assert listed(week) == []


def test_a_test_call_is_not_followed_up_by_hand_either(week: Path, clock: Clock) -> None:
    words = ("followup", "open", "r2", "--problem", "x", "--as", "wang")
    assert "r2 is a test call, known to QA alone" in qc(week, *words, expect=2).err
