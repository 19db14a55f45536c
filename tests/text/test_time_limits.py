"""A promise with a number, a date, a weekday or a part of a day; 稍后 is none."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc_pipeline.text import time_limits
from qc_pipeline.text.time_limits import Limit, find_time_limits, parse_limit


def named(text: str, language: str = "zh") -> list[str]:
    return [limit.text for limit in find_time_limits(text, language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我们24小时内给您答复", "24小时内"),
        ("二十四小时内会有专员联系您", "二十四小时内"),
        ("三个工作日内处理", "三个工作日内"),
        ("1-3个工作日到账", "1-3个工作日"),
        ("三到五个工作日", "三到五个工作日"),
        ("两三天就好", "两三天"),
        ("半小时后给您回电", "半小时后"),
        ("一个半小时左右", "一个半小时左右"),
        ("十分钟之内", "十分钟之内"),
        ("一周内", "一周内"),
        ("一个月之内退回", "一个月之内"),
        ("明天下午之前", "明天下午之前"),
        ("明天给您回电话", "明天"),
        ("今天下班前答复", "今天下班前"),
        ("今天会给您处理好", "今天"),
        ("周五之前", "周五之前"),
        ("下周一上午", "下周一上午"),
        ("本周内", "本周内"),
        ("11月20号之前", "11月20号之前"),
        ("二十号之前", "二十号之前"),
        ("下午三点前", "下午三点前"),
        ("月底之前", "月底之前"),
        ("２４小時內", "２４小時內"),
        ("二 十 四 小时 内", "二 十 四 小时 内"),
        ("48h内", "48h内"),
        ("一刻钟后", "一刻钟后"),
        ("国庆节前", "国庆节前"),
        ("当天到账", "当天"),
        ("下午给您回复", "下午"),
        ("这3天内", "3天内"),
        ("三个月内", "三个月内"),
    ],
)
def test_a_limit_is_found_with_its_words(text: str, expected: str) -> None:
    assert named(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "稍后给您回电", "尽快处理", "马上就好", "请等一会儿", "过几天答复", "一下", "几个工作日",
        "几天内", "三天前打过电话", "上周五来过", "等了两个小时了", "24小时热线", "七天无理由退货",
        "十分抱歉", "三号楼", "第一天", "一点点", "昨天下的单", "每周一", "有一点问题",
        "今天晚上好", "下午好", "早就说过", "早前说过", "三天没收到", "这两天", "三个月话费",
        "三年前", "早上九点到晚上九点服务", "周一到周五上班", "今天天气不错", "1月买的", "万一", "",
    ],
)  # fmt: skip
def test_vague_or_past_times_are_no_limit(text: str) -> None:
    assert named(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "我等了两个小时", "您已经等待了三个工作日", "刚刚等待了二十分钟", "拖了我三天",
        "停了两天", "断网三天", "断了两天网", "耽误您两个小时", "延误了2小时", "通话10分钟",
        "连续三天", "晚了三天", "迟到两天", "头三天", "三天以来", "一天两次", "一天一次",
        "有一天", "有效期30天", "免费三个月", "祝您有美好的一天", "祝您周末愉快", "周末不上班",
        "您两天前打过电话", "上周三来过", "已经三天了", "今天早上来过电话", "您今天上午打来",
        "您昨天下午三点来电", "11月3号扣费", "您周三打过来", "周三反映的", "周三您来过电话",
        "请稍等一秒", "给我一分钟",
    ],
)  # fmt: skip
def test_a_time_told_of_the_past_or_a_way_of_speaking_is_no_limit(text: str) -> None:
    assert named(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请您等待三个工作日", "三个工作日"),
        ("请耐心等待24小时", "24小时"),
        ("需要三天的时间", "三天"),
        ("最晚三天", "三天"),
        ("三天就可以了", "三天"),
        ("周五就好了", "周五"),
        ("今天下午就能到了", "今天下午"),
        ("今天会给您处理好了", "今天"),
        ("周三下午会来的", "周三下午"),
        ("预计周五到货", "周五"),
        ("延迟到周五", "周五"),
        ("周末给您送", "周末"),
        ("稍等两分钟", "两分钟"),
    ],
)
def test_what_is_to_come_stays_a_limit_with_words_of_the_past_near(
    text: str, expected: str
) -> None:
    assert named(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("within 24 hours", ["24 hours"]),
        ("in three to five business days", ["three to five business days"]),
        ("we will call you by Friday", ["Friday"]),
        ("tomorrow afternoon", ["tomorrow afternoon"]),
        ("by the end of the day", ["by the end of the day"]),
        ("within twenty-four hours", ["twenty-four hours"]),
        ("as soon as possible", []),
        ("in a few days", []),
        ("shortly, in a moment", []),
        ("two days ago", []),
        ("last friday", []),
        ("our 24 hour hotline", []),
    ],
)
def test_english_limits(text: str, expected: list[str]) -> None:
    assert named(text, "en") == expected


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("3 working days", 3, "working_days"),
        ("3 business days", 3, "working_days"),
        ("24 hours", 24, "hours"),
        ("one week", 1, "weeks"),
        ("half an hour", 0.5, "hours"),
        ("a fortnight", 2, "weeks"),
        ("12 business hours", 2, "working_days"),
        ("3个工作日", 3, "working_days"),
        ("二十四小时", 24, "hours"),
        ("三天内", 3, "days"),
        ("两刻钟", 30, "minutes"),
    ],
)
def test_at_most_is_read(text: str, amount: float, unit: str) -> None:
    assert parse_limit(text) == Limit(amount=amount, unit=unit)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["soon", "", "尽快", "3", "working days", "3 cats", "0天"])
def test_at_most_that_is_no_length_of_time_is_refused(text: str) -> None:
    assert parse_limit(text) is None


@pytest.mark.parametrize(
    ("said", "most", "expected"),
    [
        ("三个工作日内", "3 working days", True),
        ("五个工作日内", "3 working days", False),
        ("24小时内", "3 working days", True),
        ("三天内", "3 working days", True),
        ("四天内", "3 working days", False),
        ("三个工作日内", "72 hours", False),  # a weekend may lie between
        ("明天之前", "48 hours", True),
        ("48小时内", "24 hours", False),
        ("1-3个工作日", "3 working days", True),
        ("一周内", "7 days", True),
        ("11月20号之前", "3 working days", None),  # without the call's date nobody can say
    ],
)
def test_a_promise_is_held_against_the_most_allowed(
    said: str, most: str, expected: bool | None
) -> None:
    limit = parse_limit(most)
    assert limit is not None
    (found,) = find_time_limits(said)
    assert found.at_most(limit) is expected


def test_weekdays_and_dates_count_from_the_call() -> None:
    monday = datetime(2026, 11, 16, 10, 0)

    def hours(text: str) -> list[float | None]:
        return [f.within_hours for f in find_time_limits(text, call_start=monday)]

    assert hours("周五之前") == [5 * 24]  # to the end of Friday, the fifth day
    assert hours("下周一上午") == [8 * 24]
    assert hours("本周内") == [7 * 24]
    assert hours("11月20号之前") == [5 * 24]
    assert hours("11月3号下的单") == []  # behind us
    assert hours("明天下午") == [48]


PIECES = st.one_of(
    st.sampled_from("一二两三十半个天日号周月年点时秒h第上下前内底初节早晚后当今明本就3"),
    st.sampled_from(
        [
            "12",
            ":30",
            "工作日",
            "小时",
            "分钟",
            "星期",
            "礼拜",
            "刻钟",
            "之前",
            "以内",
            "国庆",
            "春节",
            "下午",
            "凌晨",
            "中旬",
            "大后天",
            "答复",
            "我们",
        ]
    ),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES, max_size=6).map("".join))
def test_the_first_look_passes_over_no_limit(text: str) -> None:
    if time_limits._SOME.search(text) is None:
        assert time_limits._chinese(text, None) == []
