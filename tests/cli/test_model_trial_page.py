"""The page of a trial, made by hand: in both languages, narrow, masked, with what failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qc_pipeline.asr.consistency import HeardTwice
from qc_pipeline.asr.measured_bounds import MeasuredBounds
from qc_pipeline.asr.model_fitness import fitness
from qc_pipeline.asr.models import ModelPlace
from qc_pipeline.call import (
    AsrIdentity,
    Failure,
    Recording,
    Speaker,
    Transcript,
    Turn,
    UnheardReason,
)
from qc_pipeline.cli.model_trial_page import shown_places, trial_lines, trial_page
from qc_pipeline.cli.wrap import columns
from qc_pipeline.job.trial_calls import Week
from qc_pipeline.job.trial_figures import Trial, TriedCall, figures_of, trial_json
from qc_pipeline.message import Message
from qc_pipeline.scoring.evidence.hearing import Hearing, NotJudged

SAID = "请打我的手机一三八零零一三八零零零"
AT = datetime(2026, 11, 16, 9, tzinfo=UTC)


def recording(name: str) -> Recording:
    return Recording(recording_id=name, path=f"{name}.wav", start_time=AT, agent_id="8001")


def words(same: int, other: int) -> tuple[HeardTwice, ...]:
    return tuple(
        HeardTwice(text=chr(0x4E00 + n), confidence=0.5, consistent=n < same)
        for n in range(same + other)
    )


def tried(name: str) -> TriedCall:
    """A call of 60 s: the agent well heard, of the customer's 20 s of speech 8 not."""
    transcript = Transcript(
        recording_id=name,
        language="zh",
        duration_s=60.0,
        asr=AsrIdentity(backend="test", model="m"),
        turns=(
            Turn(
                speaker=Speaker.AGENT,
                start_s=1.0,
                end_s=3.0,
                text="<b>您好</b>请讲",
                confidence=0.9,
            ),
            Turn(speaker=Speaker.CUSTOMER, start_s=4.0, end_s=9.0, text=SAID, confidence=0.4),
        ),
    )
    heard = {
        Speaker.AGENT: Hearing(speech_s=30, unheard_s=0, dropped_s=0, confidence=0.9, pace=4),
        Speaker.CUSTOMER: Hearing(speech_s=20, unheard_s=8, dropped_s=2, confidence=0.4, pace=4),
    }
    return TriedCall(
        recording=recording(name),
        transcript=transcript,
        hearing=heard,
        unheard_s={
            Speaker.AGENT: {},
            Speaker.CUSTOMER: {UnheardReason.LOOP: 2.0, UnheardReason.NO_WORDS: 6.0},
        },
        words={Speaker.AGENT: words(90, 10), Speaker.CUSTOMER: words(30, 20)},
        not_judged={Speaker.CUSTOMER: NotJudged.UNHEARD},
        held=3,
        criteria=30,
    )


@pytest.fixture
def trial() -> Trial:
    calls = (
        tried("20261116-13800138000-8001-in"),
        TriedCall(
            recording=recording("b"),
            failure=Failure(recording_id="b", stage="audio", reason=Message.of("audio.too-long")),
        ),
    )
    figures = figures_of(calls)
    verdict, reasons = fitness(figures)
    return Trial(
        place=ModelPlace(name="m", folder=Path("m")),
        sha256="0" * 64,
        machine=Message.of("listens.model", model="m", folder="m", machine="cpu, int8, 2 threads"),
        language="zh",
        period="2026-W47",
        calls=calls,
        bounds=MeasuredBounds(doubtful_below=0.8, doubtful_measured=True),
        figures=figures,
        fitness=verdict,
        reasons=reasons,
        seconds_an_hour=900.0,
        week=Week(calls=30, audio_h=4.0, drawn=True),
    )


def test_what_it_says_in_chinese(trial: Trial) -> None:
    lines = [line.strip() for line in trial_lines(trial, "zh", width=None)]
    assert lines[:4] == [
        "试用识别模型：m",
        "结论：不可用",
        # One of one call that could be read; of 150 characters 120 stay, of 50 s 42 have words.
        "100 % 的通话听得太少，只能未评（最多 50 %）。",
        "m（m），运行于 cpu, int8, 2 threads",
    ]
    assert "试听 2026-W47 的 1 通录音，共 1 分钟，语种 zh。另有 1 通无法读取。" in lines
    (customer,) = [line for line in lines if line.startswith("客户 ")]
    assert customer.split() == ["客户", "0:20.0", "60", "%", "8.0", "0.50", "60", "%"]
    assert "没听清：有人说话，没有听出文字，6.0 秒" in lines
    assert "把握低于 0.80 的字算存疑（在这些通话上测得）。" in lines
    assert "待确认：30 个评分项中 3 项，平均每通 3.0 项。" in lines
    assert "本机听一小时录音约需 900 秒（含装入模型）。" in lines
    assert "2026-W47 已抽 30 通，录音 4.0 小时，听完约需 1.0 小时。" in lines


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [None, 80, 60])
def test_it_fits_and_shows_no_number(trial: Trial, language: str, width: int | None) -> None:
    lines = list(trial_lines(trial, language, width=width))
    assert max(map(columns, lines)) <= (width or 80)
    text = "\n".join(lines)
    assert "一三八零零一三八" not in text
    assert "请打我的手机" in text


def test_the_file_holds_no_markup_of_others_and_no_number(trial: Trial) -> None:
    html = trial_page(trial, "zh")
    assert "&lt;b&gt;您好&lt;/b&gt;" in html
    assert "<b>" not in html
    assert "13800138000" not in html
    assert "一三八零零一三八" not in html
    assert "无法读取" in html


def test_what_the_record_keeps_holds_no_words(trial: Trial) -> None:
    body = trial_json(trial)
    assert "您好" not in str(body) and "手机" not in str(body)
    assert body["calls"][1] == {
        "recording_id": "b",
        "failed": {"stage": "audio", "reason": Message.of("audio.too-long").text},
    }
    assert body["figures"]["consistency"] == 0.8
    assert body["figures"]["heard"] == 0.84
    assert body["parties"]["customer"]["unheard_s"] == {"loop": 2.0, "no-words": 6.0}
    assert body["week"] == {"calls": 30, "audio_h": 4.0, "machine_h": 1.0, "drawn": True}


def test_what_no_model_can_help_is_not_held_against_it(trial: Trial) -> None:
    (heard, failed) = trial.calls
    for why, share in ((NotJudged.SPEED, 0.0), (NotJudged.SEPARATION, 0.0), (NotJudged.PACE, 1.0)):
        told = replace(heard, not_judged={Speaker.AGENT: why})
        assert figures_of((told, failed)).not_judged == share


def test_which_places_are_shown() -> None:
    assert shown_places([]) == []
    assert shown_places([0.9, 0.1]) == [0, 1]
    # A third and two thirds through six, and the least certain.
    assert shown_places([0.9, 0.1, 0.9, 0.9, 0.9, 0.9]) == [1, 2, 4]
    assert shown_places([0.9, 0.8, 0.1, 0.9, None, 0.9]) == [2, 4]
