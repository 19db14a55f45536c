"""What was not heard, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qc_pipeline.call import Transcript, Unheard, UnheardReason
from qc_pipeline.report.words.heard import (
    hearing_told,
    unheard_lines,
    unheard_places,
    unheard_told,
)
from qc_pipeline.report.words.translate import Translator
from tests.builders import AGENT, CUSTOMER, transcript, turn

CALL = transcript(
    turn(AGENT, 0.0, 10.0, "您好"),
    turn(CUSTOMER, 12.0, 20.0, "好"),
    speech={AGENT: [(0.0, 10.0)], CUSTOMER: [(12.0, 20.0)]},
)


def with_reasons(*reasons: UnheardReason) -> Transcript:
    """A second each, the agent's from the start of the call on; the customer's from 15 to 17 s."""
    return replace(
        CALL,
        unheard={
            CUSTOMER: (Unheard(start_s=15.0, end_s=17.0, reason=UnheardReason.NO_WORDS),),
            AGENT: tuple(
                Unheard(start_s=float(n), end_s=n + 1.0, reason=r) for n, r in enumerate(reasons)
            ),
        },
    )


@pytest.mark.parametrize(
    ("language", "reason", "told"),
    [
        ("zh", UnheardReason.NO_WORDS, "没听清：有人说话，没有听出文字，1.0 秒"),
        ("zh", UnheardReason.LANGUAGE, "没听清：说的是另一种语言，1.0 秒"),
        ("en", UnheardReason.NOT_READ, "not heard: this part of the recording was not read, 1.0 s"),
    ],
)
def test_a_place_says_why_and_for_how_long(language: str, reason: UnheardReason, told: str) -> None:
    first, second = unheard_places(with_reasons(reason), Translator(language))
    assert (first.text, first.speaker, first.start_s) == (told, AGENT, 0.0)
    assert second.speaker is CUSTOMER


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reason_has_words_of_its_own(language: str) -> None:
    places = unheard_places(with_reasons(*UnheardReason), Translator(language))
    assert len({p.text for p in places[:-1]}) == len(UnheardReason) == 9


def test_shares_are_cut_off_and_stretches_counted() -> None:
    """One of the agent's ten seconds and two of the customer's eight: 90 and 75 %."""
    call = with_reasons(UnheardReason.LOOP)
    t = Translator("zh")
    assert hearing_told(call, t) == "坐席听清 90%，客户 75%。没听清 2 处，共 3.0 秒。"
    assert unheard_told(replace(call, unheard={AGENT: (), CUSTOMER: ()}), t) == ""
    assert unheard_places(CALL, t) == ()
    assert hearing_told(CALL, t) == "听清多少未知：文字没有与录音核对过。"


def test_parts_of_a_stretch_are_one_place_as_long_as_its_speech() -> None:
    parts = tuple(
        Unheard(start_s=a, end_s=b, reason=UnheardReason.NO_WORDS)
        for a, b in ((15.0, 16.0), (16.5, 17.0))
    )
    words = replace(CALL, turns=CALL.turns[:1], unheard={AGENT: (), CUSTOMER: parts})
    t = Translator("zh")
    (place,) = unheard_places(words, t)
    assert (place.start_s, place.end_s) == (15.0, 17.0)
    assert place.text == "没听清：有人说话，没有听出文字，1.5 秒"
    assert unheard_told(words, t) == "没听清 1 处，共 1.5 秒。"


@pytest.mark.parametrize(
    ("language", "who", "count"),
    [
        ("zh", "双方", "没听清 2 处，共 6.0 秒。"),
        ("en", "Both", "2 stretches not heard, 6.0 s together."),
    ],
)
def test_a_part_that_was_not_read_of_either_party_stands_once(
    language: str, who: str, count: str
) -> None:
    """Four seconds of both, and two of the customer alone; on each lane of a picture of its own."""
    lost = Unheard(start_s=20.0, end_s=24.0, reason=UnheardReason.NOT_READ)
    call = with_reasons()
    assert call.unheard is not None
    both = replace(call, unheard={AGENT: (lost,), CUSTOMER: (*call.unheard[CUSTOMER], lost)})
    t = Translator(language)
    assert [(p.who, p.start_s) for p in unheard_lines(both, t)] == [
        (t("speaker.customer"), 15.0),
        (who, 20.0),
    ]
    assert unheard_told(both, t) == count
    assert [p.speaker for p in unheard_places(both, t)] == [CUSTOMER, AGENT, CUSTOMER]
