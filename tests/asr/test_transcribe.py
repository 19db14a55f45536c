"""Recordings in, transcripts out, through faster-whisper itself with a model made on the spot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from qc_pipeline.asr.load import Recogniser, identify, load_recogniser
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.transcribe import AsrJob, recognise
from qc_pipeline.asr.whisper import WhisperEngine, choose_machine
from qc_pipeline.audio.decode import file_sha256
from qc_pipeline.call import Failure, Speaker, content_sha256
from qc_pipeline.cli.progress import told
from qc_pipeline.message import Message
from tests.asr.tiny_model import random_model, scripted_model
from tests.audio.speechlike import RATE_HZ, at, speech

A, C = Speaker.AGENT, Speaker.CUSTOMER
SAID = "您好请问有什么可以帮"


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Recogniser:
    folder = scripted_model(tmp_path_factory.mktemp("models") / "scripted", SAID)
    return load_recogniser(AsrOptions(model=str(folder)), Path())


def man(seconds: float, seed: int = 0) -> np.ndarray:
    return speech(seconds, pitch_hz=110, seed=seed)


def woman(seconds: float, seed: int = 9) -> np.ndarray:
    return speech(seconds, pitch_hz=210, tract=1.15, seed=seed)


def call(folder: Path, *, name: str = "call.wav", mono: bool = False) -> Path:
    """The man (left) speaks at 1–4 and 9–11 s, the woman (right) at 5–7.5 s."""
    left = at([(1.0, man(3)), (9.0, man(2, 1))], 12)
    right = at([(5.0, woman(2.5))], 12)
    data = (left + right) if mono else np.stack([left, right], axis=1)
    soundfile.write(folder / name, data, RATE_HZ)
    return folder / name


def listen(recogniser: Recogniser, *jobs: AsrJob) -> list:
    return list(recognise(jobs, recogniser))


def test_each_party_gets_the_words_of_its_own_channel(scripted: Recogniser, tmp_path: Path) -> None:
    path = call(tmp_path)
    (got,) = listen(scripted, AsrJob(recording_id="R", path=path, agent_channel="right"))
    transcript = got.transcript
    assert [(t.speaker, t.text) for t in transcript.turns] == [(C, SAID), (A, SAID)]
    customer, agent = transcript.turns
    # A turn starts where the voice starts.
    assert customer.start_s == pytest.approx(1.0, abs=0.1)
    assert agent.start_s == pytest.approx(5.0, abs=0.1)
    assert [w.text for w in agent.words] == list(SAID)
    assert all(agent.start_s <= w.start_s <= w.end_s <= agent.end_s for w in agent.words)
    assert agent.confidence > 0.99
    assert transcript.channels == {A: "ok", C: "ok"}
    assert len(transcript.speech[C]) == 2
    assert transcript.duration_s == pytest.approx(12.0)
    assert got.audio_sha256 == file_sha256(path)
    assert len(got.envelope) == 2 * 120
    # Both voices peak at half of full scale; the agent's column comes first.
    envelope = np.frombuffer(got.envelope, dtype=np.uint8).reshape(2, 120)
    assert envelope[0, 55:70].max() == pytest.approx((60 - 6) / 60 * 127, abs=3)
    assert envelope[0, :48].max() == 0
    assert set(got.measures.speakers) == {A, C}


def test_the_transcripts_identity_names_what_heard_it(scripted: Recogniser, tmp_path: Path) -> None:
    (got,) = listen(scripted, AsrJob(recording_id="R", path=call(tmp_path), agent_channel="left"))
    identity = got.transcript.asr
    assert identity == scripted.identity
    assert identity.model == "scripted"
    assert len(identity.model_sha256 or "") == 64
    assert {"precision", "speech", "text", "beam_size", "hotwords"} <= identity.options.keys()


@pytest.mark.parametrize(
    ("name", "dither_db", "below_db"),
    [
        ("call.mp3", None, None),
        ("call.mp3", -27.0, 27.0),
        ("call.mp3", -40.0, 40.0),
        ("call.wav", -27.0, None),
    ],
)
def test_mp3_is_heard_with_as_much_noise_as_was_asked_for_and_nothing_else(
    name: str,
    dither_db: float | None,
    below_db: float | None,
    scripted: Recogniser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The seam between the man's two stretches (he speaks twice, far apart) is digital silence."""
    heard: list[np.ndarray] = []
    hear = WhisperEngine.hear

    def listening(self: WhisperEngine, windows: list, *rest: object) -> list:
        heard.extend(windows)
        return hear(self, windows, *rest)

    monkeypatch.setattr(WhisperEngine, "hear", listening)
    job = AsrJob(recording_id="R", path=call(tmp_path, name=name), agent_channel="left")
    listen(replace(scripted, dither_db=dither_db), job)
    window = max(heard, key=len)
    frames = np.square(window[: len(window) // 320 * 320]).reshape(-1, 320).mean(axis=1)
    if below_db is None:
        assert frames.min() == 0.0
        return
    loud = window[np.abs(window) > 0.02 * np.abs(window).max()]
    quietest_db = 10 * np.log10(np.sort(frames)[:5].mean() / np.mean(loud**2))
    assert quietest_db == pytest.approx(-below_db, abs=2.0)


def test_the_identity_is_known_without_loading_the_model(scripted: Recogniser) -> None:
    assert identify(scripted.options, Path()) == scripted.identity


def test_a_call_in_another_language_needs_a_multilingual_model(tmp_path: Path) -> None:
    folder = scripted_model(tmp_path / "m", "hi", multilingual=False)
    recogniser = load_recogniser(AsrOptions(model=str(folder), language="en"), Path())
    path = call(tmp_path)
    english, chinese = listen(
        recogniser,
        AsrJob(recording_id="1", path=path, agent_channel="left", language="en-US"),
        AsrJob(recording_id="2", path=path, agent_channel="left", language="zh-CN"),
    )
    assert [t.text for t in english.transcript.turns] == ["hi", "hi"] or [
        t.text for t in english.transcript.turns
    ] == ["h i", "h i"]
    assert english.transcript.language == "en"
    assert (chinese.stage, chinese.reason.text) == (
        "asr",
        "the call's language is zh, and the model is English only",
    )


def test_nobody_speaks_and_nothing_is_written(scripted: Recogniser, tmp_path: Path) -> None:
    hiss = np.random.default_rng(3).normal(0, 0.01, (8 * RATE_HZ, 2))
    soundfile.write(tmp_path / "hiss.wav", hiss, RATE_HZ)
    (got,) = listen(scripted, AsrJob(recording_id="R", path=tmp_path / "hiss.wav"))
    assert got.transcript.turns == ()
    assert got.transcript.channels == {A: "dead", C: "dead"}


def test_a_dead_agent_channel_is_a_fact(scripted: Recogniser, tmp_path: Path) -> None:
    data = np.stack([np.zeros(8 * RATE_HZ), at([(1, woman(3))], 8)], axis=1)
    soundfile.write(tmp_path / "dead.wav", data, RATE_HZ)
    job = AsrJob(recording_id="R", path=tmp_path / "dead.wav", agent_channel="left")
    (got,) = listen(scripted, job)
    assert got.transcript.channels == {A: "dead", C: "ok"}
    assert [t.speaker for t in got.transcript.turns] == [C]


def test_a_mono_call_is_separated_by_voice(scripted: Recogniser, tmp_path: Path) -> None:
    path = call(tmp_path, mono=True)
    (got,) = listen(scripted, AsrJob(recording_id="R", path=path, agent_channel="mono"))
    speech_of = got.transcript.speech
    woman_is = C if len(speech_of[C]) == 1 else A
    assert speech_of[woman_is][0][0] == pytest.approx(5.0, abs=0.3)
    assert len(speech_of[woman_is.other]) == 2
    assert set(got.transcript.channels.values()) == {"mono"}
    assert len(got.envelope) == 120


def test_the_same_sound_on_both_channels_is_mono_whatever_the_list_says(
    scripted: Recogniser, tmp_path: Path
) -> None:
    mono, _ = soundfile.read(call(tmp_path, mono=True))
    soundfile.write(tmp_path / "twice.wav", np.stack([mono, mono], axis=1), RATE_HZ)
    job = AsrJob(recording_id="R", path=tmp_path / "twice.wav", agent_channel="left")
    (got,) = listen(scripted, job)
    assert set(got.transcript.channels.values()) == {"mono"}
    assert Message.of("voices.same-sound") in got.transcript.notes


def test_roles_without_a_sign_ask_for_a_person(scripted: Recogniser, tmp_path: Path) -> None:
    (got,) = listen(scripted, AsrJob(recording_id="R", path=call(tmp_path), agent_channel="auto"))
    # Both say the same, so only who speaks first tells, and that is not enough.
    assert any("decided with certainty 0.65 only" in n.text for n in got.transcript.notes)


def test_one_bad_recording_does_not_stop_the_others(scripted: Recogniser, tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"RIFFnothing")
    jobs = [
        AsrJob(recording_id="1", path=call(tmp_path)),
        AsrJob(recording_id="2", path=tmp_path / "bad.wav"),
        AsrJob(recording_id="3", path=tmp_path / "none.wav"),
        AsrJob(recording_id="4", path=call(tmp_path, name="other.wav", mono=True)),
    ]
    got = listen(scripted, *jobs)
    assert [g.recording_id for g in got] == ["1", "2", "3", "4"]
    assert [type(g) is Failure for g in got] == [False, True, True, False]
    assert (got[1].stage, got[2].stage) == ("audio", "find")


def test_an_error_of_the_recogniser_fails_one_recording(
    scripted: Recogniser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library refuses one recording's windows; the batch it was in is decoded without it."""
    original = WhisperEngine.hear

    def hear(self, windows, language, hotwords):
        if any(len(w) and np.abs(w).max() > 0.9 for w in windows):
            raise RuntimeError("out of memory")
        return original(self, windows, language, hotwords)

    mixing = scripted.options.model_copy(update={"mix_calls": True})
    scripted = replace(scripted, options=mixing)
    monkeypatch.setattr(WhisperEngine, "hear", hear)
    loud = at([(1, man(2) * 2)], 5)
    soundfile.write(tmp_path / "loud.wav", np.stack([loud, loud[::-1]], axis=1), RATE_HZ)
    got = listen(
        scripted,
        AsrJob(recording_id="1", path=call(tmp_path)),
        AsrJob(recording_id="2", path=tmp_path / "loud.wav"),
        AsrJob(recording_id="3", path=call(tmp_path, name="other.wav")),
    )
    assert [type(g) is Failure for g in got] == [False, True, False]
    assert (got[1].stage, "out of memory" in got[1].reason.text) == ("asr", True)


@pytest.mark.slow
def test_results_do_not_depend_on_what_is_recognised_together(tmp_path: Path) -> None:
    folder = random_model(tmp_path / "m", quantization="float32", stop_bias=5.0)
    options = AsrOptions.model_validate(
        {"model": str(folder), "precision": "float32", "threads": 1}
    )
    recogniser = load_recogniser(options, Path())
    jobs = []
    for number in range(3):
        left = at([(0.5, man(2 + number, number))], 12)
        right = at([(6.0, woman(3 + number, 20 + number))], 12)
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, np.stack([left, right], axis=1), RATE_HZ)
        jobs.append(AsrJob(recording_id=str(number), path=path, agent_channel="left"))

    def hashes(groups: list[list[AsrJob]]) -> dict[str, str]:
        got = [r for group in groups for r in listen(recogniser, *group)]
        assert all(r.transcript.turns or r.transcript.dropped for r in got)
        return {r.recording_id: content_sha256(r.transcript.as_json()) for r in got}

    assert hashes([[jobs[2]], jobs[:2]]) == hashes([jobs])


def test_calls_that_share_batches_keep_their_own_words(tmp_path: Path) -> None:
    folder = scripted_model(tmp_path / "m", SAID)
    options = AsrOptions.model_validate({"model": str(folder), "mix_calls": True})
    recogniser = load_recogniser(options, Path())
    jobs = [
        AsrJob(recording_id="1", path=call(tmp_path), agent_channel="left"),
        AsrJob(recording_id="2", path=tmp_path / "none.wav"),
        AsrJob(recording_id="3", path=call(tmp_path, name="b.wav"), agent_channel="right"),
    ]
    first, missing, third = listen(recogniser, *jobs)
    assert isinstance(missing, Failure)
    assert [t.speaker for t in first.transcript.turns] == [A, C]
    assert [t.speaker for t in third.transcript.turns] == [C, A]


@pytest.fixture(scope="module")
def drawn_int8(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "drawn"
    return random_model(folder, quantization="int8", stop_bias=1.0)


def several_windows() -> list[np.ndarray]:
    return [
        np.repeat(at([(0.2 + n, woman(2 + n, n))], 10 + n), 2).astype(np.float32) for n in range(5)
    ]


@pytest.fixture(scope="module")
def heard_alone(drawn_int8: Path) -> list[object]:
    """Each of `several_windows` given by itself, on one thread."""
    engine = WhisperEngine(
        drawn_int8, choose_machine("cpu", "int8", 1, 1), beam_size=5, batch_size=1
    )
    alone = [engine.hear([w], "zh", None)[0] for w in several_windows()]
    assert all(one.words for one in alone)
    return alone


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("batch_size", [2, 3, 8])
def test_a_window_is_heard_the_same_among_any_neighbours(
    batch_size: int, threads: int, drawn_int8: Path, heard_alone: list[object]
) -> None:
    """In int8: the same words, times, scores and probabilities, to the last digit."""
    machine = choose_machine("cpu", "int8", threads, threads)
    engine = WhisperEngine(drawn_int8, machine, beam_size=5, batch_size=batch_size)
    assert engine.exact
    assert engine.hear(several_windows()[::-1], "zh", None)[::-1] == heard_alone
    assert engine.hear([], "zh", None) == []


def test_only_whole_numbers_make_a_batch_exact(tmp_path: Path) -> None:
    folder = random_model(tmp_path / "m")
    machine = choose_machine("cpu", "float32", 4, 4)
    engine = WhisperEngine(folder, machine, beam_size=1, batch_size=3)
    assert (engine.exact, engine.at_once) == (False, 3)
    whole = WhisperEngine(folder, choose_machine("cpu", "int8", 4, 4), beam_size=1, batch_size=3)
    assert (whole.exact, whole.at_once) == (True, 12)


def test_the_careful_path_gives_the_same_every_time(tmp_path: Path) -> None:
    folder = random_model(tmp_path / "m", stop_bias=-2.0)
    engine = WhisperEngine(folder, choose_machine("cpu", "int8", 1, 1), beam_size=2, batch_size=2)
    window = np.repeat(at([(0.2, man(3))], 5), 2).astype(np.float32)
    first = engine.hear_carefully([window], "zh", None)
    assert engine.hear_carefully([window, window], "zh", None) == first * 2
    assert first[0].careful


def test_the_sample_model_says_what_it_is_not_for(scripted: Recogniser) -> None:
    sample = replace(scripted, place=replace(scripted.place, name="sample"))
    assert told(sample.describe()).endswith(
        "sample model: knows only synthetic speech; not for real calls"
    )
    assert "not for real calls" not in told(scripted.describe())
