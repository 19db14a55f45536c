"""Messages in the language of the reader."""

from __future__ import annotations

import re

import pytest

from qc_pipeline.message import VERBATIM, WORDINGS, Message, kinds_of, read_message, some
from qc_pipeline.report.words.translate import Translator

ZH, EN = Translator("zh"), Translator("en")


@pytest.mark.parametrize(
    ("message", "chinese", "english"),
    [
        (
            Message.of("audio.cut-short", read_s=3.04, whole_s=9.5),
            "录音不完整：应有 9.5 秒，只有 3.0 秒",
            "the recording is cut short: 3.0 s of 9.5 s are there",
        ),
        (
            Message.of("speakers.second-voice", speaker="customer", at="1:20", percent=25),
            "客户的声音中从 1:20 起有另一人说话，占其说话的 25%（转接、有人加入或播报），请听录音",
            "a further voice speaks in the customer's voice from 1:20 on, 25% of its speech "
            "(a transfer, somebody who joined, an announcement); please listen",
        ),
        (
            Message.of("sound.not-taken", why=Message.of("sound.silent", speaker="agent")),
            "没有测量声音：文本中坐席说话的地方，录音是静音",
            "measures of the sound were not taken: where the agent speaks in the transcript, the "
            "recording is silent",
        ),
        (
            Message.of("sound.not-taken", why="something nobody foresaw"),
            "没有测量声音：something nobody foresaw",
            "measures of the sound were not taken: something nobody foresaw",
        ),
        (
            Message.of("draw.merged", cells=11, strata=4),
            "通话量过少的11个单元合并为4层",
            "11 cells with few calls were merged into 4 strata",
        ),
        (
            Message.of("draw.short", agents=some([f"A{i}" for i in range(12)])),
            "话务量不足定额的坐席全部抽取:A0、A1、A2、A3、A4、A5、A6、A7、A8、A9 等12个",
            "agents with fewer calls than their quota, all of them drawn: "
            "A0, A1, A2, A3, A4, A5, A6, A7, A8, A9 … 12 in all",
        ),
        (
            Message.of("row_many", what=Message.of("row.value", column="duration_s"), n=7),
            "duration_s 的内容不对（共 7 行）",
            "duration_s is not right, as in 7 rows in all",
        ),
        (
            Message.of(
                "progress.changed-since",
                period="2026-W47",
                what=Message.of(
                    "joined", first=Message.of("changed.list"), second=Message.of("changed.seed")
                ),
            ),
            "2026-W47：沿用以前抽取的样本，虽然通话清单和随机种子此后有变；"
            "`--redraw --reason TEXT` 重新抽取",
            "2026-W47: the sample drawn before stands, though call list and seed changed since; "
            "`--redraw --reason TEXT` draws anew",
        ),
        (
            Message.of(
                "differs.drawn-then",
                n=22,
                names=Message.of("names_and_more", names="r1, r2", n=20),
            ),
            "当时抽中、现在没有的 22 通：r1, r2 等，另有 20 个",
            "22 drawn then, not now: r1, r2 and 20 more",
        ),
        (read_message("旧的说法 {x}"), "旧的说法 {x}", "旧的说法 {x}"),
    ],
)
def test_a_message_is_told_in_either_language(message: Message, chinese: str, english: str) -> None:
    assert (ZH.told(message), EN.told(message)) == (chinese, english)


@pytest.mark.parametrize("code", sorted(WORDINGS.keys() - {VERBATIM}))
def test_every_kept_message_is_told_without_a_word_of_the_other_language(code: str) -> None:
    plain = {
        "party": "agent",
        "day": "2026-11-16",
        "name": "x",
        "": "",
        "some": "",
        "message": "",
        "clock": "0:05",
    }
    message = Message.of(code, **{k: plain.get(v, 1) for k, v in kinds_of(code).items()})
    assert not re.search("[\u4e00-\u9fff，。：]", EN.told(message))
    names = "path|agent_channel|recording_id|start_time|agent_id|AMR|Ogg|WAV|Hz|x|mono"
    left = re.sub(names, "", ZH.told(message))
    assert not re.search("[A-Za-z]{2}", left), left


@pytest.mark.parametrize("text", ["{n}", "{0}", "%s", "\\1", "{", "<b>"])
def test_what_a_value_holds_is_no_placeholder(text: str) -> None:
    assert EN.told(Message.of("asr.failed", error=text)).endswith(f": {text}")
    assert ZH.told(Message.of("asr.failed", error=text)).endswith(f"：{text}")
    assert ZH.told(Message.of("sound.not-taken", why=text)).endswith(f"：{text}")


def test_a_message_that_no_catalogue_knows_is_a_bug() -> None:
    with pytest.raises(KeyError):
        ZH.told(Message.of("no.such-code"))
