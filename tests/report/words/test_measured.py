"""Measured evidence in the report's other language: every wording of the engine, both ways."""

from __future__ import annotations

import re

import pytest

from qc_pipeline.report.words.measured import TEMPLATES, measured
from qc_pipeline.scoring.evidence.finding import EvidenceKind
from tests.builders import only
from tests.scoring.operators.test_operators import CASES

PAIRS = [
    ("每分钟268字（高于240）", "268 characters a minute (above 240)"),
    ("静音11.9秒（界限10秒）", "silence of 11.9 s (bound 10 s)"),
    ("重叠3.0秒，对方停下：您听我说", "both talk for 3.0 s, the other gave way: 您听我说"),
    ("重叠3.0秒：您听我说", "both talk for 3.0 s: 您听我说"),
    ("等待6.2秒才应答（高于5）", "waited 6.2 s for the answer (above 5)"),
    ("音高变化2.0个半音（低于3）", "pitch range of 2.0 semitones (below 3)"),
    ("说话时间占82%（高于0.2且低于0.8）", "82% of talk time (above 0.2 and below 0.8)"),
    ("音量比对方高8.0分贝（界限6分贝）", "8.0 dB louder than the other (bound 6 dB)"),
    ("音量比自己平时高-0.5分贝（界限6分贝）", "-0.5 dB above the own median (bound 6 dB)"),
    ("坐席挂断", "the agent hung up"),
    (
        "对方说完0.3秒后客户挂断（界限2秒）",
        "the customer hung up 0.3 s after the other's last word (bound 2 s)",
    ),
    ("来电次数：首次，一次解决：否", "contact = first, resolved = false"),
]


@pytest.mark.parametrize(("zh", "en"), PAIRS)
def test_a_figure_is_told_in_the_other_language(zh: str, en: str) -> None:
    assert measured(zh, "en") == en
    assert measured(en, "zh") == zh
    assert (measured(zh, "zh"), measured(en, "en")) == (zh, en)


def test_words_of_no_known_kind_stay_as_they_are() -> None:
    for text in ("", "客户说:静音11.9秒", "没有这样的字段：甲", "x = 1", "a (b)"):
        assert measured(text, "en") == text


@pytest.mark.parametrize("name", CASES)
def test_nothing_that_the_engine_measures_stays_chinese(name: str) -> None:
    """What was said in the call may; the words around it not."""
    seen = 0
    for case in CASES[name]:
        if "language: en" in case.criterion:
            continue
        result = only(case.criterion, case.transcript, case.call, measures=case.measures)
        spoken = [t.text for t in case.transcript.turns]
        values = [str(v) for v in case.call.values()]
        for evidence in result.evidence:
            if evidence.kind is not EvidenceKind.MEASURE:
                continue
            seen += 1
            told = measured(evidence.quote, "en")
            for words in (*spoken, *(s[:30] for s in spoken), *values):
                told = told.replace(words, "")
            assert not re.search("[\u4e00-\u9fff]", told), (name, evidence.quote)
    measuring = ("silence", "interrupts", "speech_rate", "louder_than_other", "raised_voice")
    assert seen or name not in measuring
    assert len(TEMPLATES) > 10


def test_cards_of_before_had_half_width_marks() -> None:
    assert measured("静音11.9秒(界限10秒)", "en") == "silence of 11.9 s (bound 10 s)"
    assert (
        measured("重叠3.0秒,对方停下:您听", "en") == "both talk for 3.0 s, the other gave way: 您听"
    )
    assert measured("来电次数：首次, 一次解决：否", "en") == "contact = first, resolved = false"
