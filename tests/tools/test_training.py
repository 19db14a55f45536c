"""What the sample recogniser is trained on: sounds and times fit together after every codec."""

from __future__ import annotations

import io
import random
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tools.model import line
from tools.model.corpus import load, save
from tools.model.tokens import Tokens
from tools.model.windows import make
from tools.speech.synth import SAMPLE_RATE_HZ, Utterance

LEAD_S = 0.04


def utterance(text: str, seconds: float, seed: int) -> Utterance:
    """A noise that swells and fades, 40 ms after the start, as long as the text takes."""
    generator = np.random.default_rng(seed)
    lead, size = int(LEAD_S * SAMPLE_RATE_HZ), int(seconds * SAMPLE_RATE_HZ)
    sound = np.repeat(generator.standard_normal(size // 4 + 1), 4)[:size] * 0.15
    samples = np.concatenate([np.zeros(lead), sound, np.zeros(lead)]).astype(np.float32)
    step = seconds / len(text)
    begins = tuple(LEAD_S + step * n for n in range(len(text)))
    return Utterance(text=text, samples=samples, begins_s=begins, end_s=LEAD_S + seconds)


def parties() -> tuple[list[Utterance], list[Utterance]]:
    return (
        [utterance("您好", 0.6, 1), utterance("请讲", 0.8, 2), utterance("好的", 0.5, 3)],
        [utterance("你好", 0.7, 4), utterance("谢谢", 0.6, 5)],
    )


@pytest.mark.parametrize("codec", [line._mp3, line._low_mp3])
@pytest.mark.parametrize("seed", range(6))
def test_an_mp3_is_brought_back_into_time_channel_by_channel(codec: line._Codec, seed: int) -> None:
    """Constant low rates come 138 ms late, others do not, and the two channels may differ."""
    mix = line.Mix(chains=((1, (codec,)),), noisy=0.0)
    sound, _ = line._laid_out(parties(), random.Random(seed))
    kept = line.through_codecs(sound, random.Random(seed), mix)
    assert kept.shape == sound.shape
    for channel in (0, 1):
        before, after = sound[:, channel], kept[:, channel]
        likeness = [float(before[400:-400] @ after[400 + n : len(after) - 400 + n])
                    for n in range(-240, 241)]  # fmt: skip
        assert abs(int(np.argmax(likeness)) - 240) <= 8  # 1 ms


MPEG_2_5_KBIT_S = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)  # layer III


@pytest.mark.parametrize(
    ("channels", "levels", "wanted"),
    [
        (2, line._STEREO_MP3, {16, 24, 32}),
        (2, line._LOW_STEREO_MP3, {16, 24}),
        (1, line._LOW_MONO_MP3, {8, 16}),
    ],
)
def test_low_rates_are_those_of_a_recorder(
    channels: int, levels: tuple[float, float], wanted: set[int]
) -> None:
    """Never 8 kbit/s for both channels: LAME would mix the parties, and the texts were wrong."""
    sound = np.random.default_rng(0).standard_normal((SAMPLE_RATE_HZ, channels)) * 0.1
    rates = set()
    for level in np.linspace(*levels, 7):
        body = io.BytesIO()
        soundfile.write(body, sound, SAMPLE_RATE_HZ, format="MP3", subtype="MPEG_LAYER_III",
                        bitrate_mode="CONSTANT", compression_level=float(level))  # fmt: skip
        header = body.getvalue().index(b"\xff\xe3")  # MPEG 2.5, layer III
        rates.add(MPEG_2_5_KBIT_S[body.getvalue()[header + 2] >> 4])
    assert rates == wanted


def test_clips_hold_what_is_said_when_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "_on_the_line", lambda sound, others, rng, noisy: sound)
    monkeypatch.setattr(line, "through_codecs", lambda sound, rng, mix: sound)
    agent, customer = line.clips(parties(), random.Random(3))
    assert sorted(c.text for c in agent) == ["好的", "您好", "请讲"]
    assert sorted(c.text for c in customer) == ["你好", "谢谢"]
    for clip in (*agent, *customer):
        loud = np.flatnonzero(np.abs(clip.samples) > 600) / SAMPLE_RATE_HZ
        assert loud[0] == pytest.approx(clip.begins_s[0], abs=0.06)
        assert loud[-1] == pytest.approx(clip.end_s, abs=0.02)


def test_a_window_says_where_each_character_lies(tmp_path: Path) -> None:
    agent, _ = line.clips(parties(), random.Random(3))
    path = tmp_path / "000000.npz"
    save(path, [(clip, 0) for clip in agent])
    shard = load(path)
    assert shard.texts == tuple(c.text for c in agent)
    tokens = Tokens(alphabet="你您好的讲请谢")
    window = make([(shard, n) for n in range(3)], 8.0, tokens, random.Random(1))
    names = {number: text for text, number in tokens.text_ids.items()}
    said = "".join(names.get(t, "") for t in window.tokens[window.prompt :])
    assert said.replace("。", "") == "".join(c.text for c in agent)
    # 50 frames a second: every character is named in its frames, and most frames name none.
    assert {names[t] for t in window.frame_characters.tolist() if t < tokens.characters} == set(
        said
    ) - {"。"}
    spoken_s = float((window.frame_characters < tokens.characters).mean()) * 8
    assert spoken_s == pytest.approx(0.6 + 0.8 + 0.5, abs=0.1)
    assert window.samples.dtype == np.int16
    assert window.samples.size == 8 * SAMPLE_RATE_HZ
