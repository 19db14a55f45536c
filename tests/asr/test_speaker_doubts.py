"""What a transcript says of who spoke: for the score, and in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qc_pipeline.asr.roles import Role
from qc_pipeline.asr.separation_trust import Trust
from qc_pipeline.asr.speaker_doubts import doubts_of
from qc_pipeline.audio.decode import Decoded
from qc_pipeline.audio.decoders import AudioFacts
from qc_pipeline.audio.second_speaker import SecondVoice
from qc_pipeline.audio.speakers import Voice, Voices
from qc_pipeline.call import DoubtReason, Span, Speaker
from qc_pipeline.message import Message

A, C = Speaker.AGENT, Speaker.CUSTOMER
PARTIES = {A: 0, C: 1}


def voice(state: str, second: SecondVoice | None, *regions: Span) -> Voice:
    return Voice(
        channel=0,
        regions=regions or ((0.0, 1.0),),
        probabilities=np.zeros(1, dtype=np.float32),
        state=state,
        second=second,
    )


def voices(second: SecondVoice | None = None, *, state: str = "ok") -> Voices:
    facts = AudioFacts(duration_s=200, channels=1, sample_rate_hz=8_000, codec="WAV/PCM_16")
    samples = np.zeros((1, 1_600_000), dtype=np.int16)
    decoded = Decoded(
        facts=facts,
        audio_sha256="0",
        sample_rate_hz=8_000,
        samples=samples,
        clipped_share=(0.0,),
    )
    pair = (voice(state, second), voice(state, None))
    return Voices(decoded=decoded, pair=pair, agent=0, notes=())


def test_no_doubt_no_word() -> None:
    assert doubts_of(voices(), PARTIES, None, 0.7) == ((), ())
    assert doubts_of(voices(), PARTIES, Role(agent=0, certainty=0.7), 0.7) == ((), ())


def test_a_voice_that_joins_is_doubtful_where_it_speaks() -> None:
    second = SecondVoice(spans=((80.0, 120.0),), share=0.25, from_s=80.0)
    (doubt,), (note,) = doubts_of(voices(second), PARTIES, None, 0.7)
    assert (doubt.speaker, doubt.start_s, doubt.end_s) == (A, 80.0, 120.0)
    assert (doubt.certainty, doubt.reason) == (0.5, DoubtReason.SECOND_VOICE)
    assert note.text.startswith(
        "a further voice speaks in the agent's channel from 1:20 on, 25% of"
    )


def test_of_two_that_share_the_call_nobody_knows_which_one_the_list_names() -> None:
    second = SecondVoice(spans=((80.0, 200.0),), share=0.3, from_s=80.0)
    (doubt,), _ = doubts_of(voices(second), PARTIES, None, 0.7)
    assert (doubt.start_s, doubt.end_s) == (0.0, 200.0)


def test_a_role_below_the_bound_makes_both_parties_doubtful() -> None:
    doubts, notes = doubts_of(voices(), PARTIES, Role(agent=0, certainty=0.65), 0.7)
    assert [(d.speaker, d.certainty, d.reason) for d in doubts] == [
        (A, 0.65, DoubtReason.ROLE),
        (C, 0.65, DoubtReason.ROLE),
    ]
    assert [n.text for n in notes] == [
        "which voice is the agent was decided with certainty 0.65 only; please listen"
    ]


def test_a_customer_who_speaks_like_the_agent_makes_both_parties_doubtful() -> None:
    swapped = Role(agent=1, certainty=0.96)
    doubts, (note,) = doubts_of(voices(), PARTIES, None, 0.7, heard_as=swapped)
    assert [(d.speaker, d.certainty, d.reason) for d in doubts] == [
        (A, 0.04, DoubtReason.ROLE),
        (C, 0.04, DoubtReason.ROLE),
    ]
    assert "certainty 0.96" in note.text
    assert "swapped" in note.text


@pytest.mark.parametrize(("agent", "certainty"), [(0, 1.0), (1, 0.94)], ids=["as listed", "unsure"])
def test_the_list_is_believed_where_nothing_speaks_clearly_against_it(
    agent: int, certainty: float
) -> None:
    heard_as = Role(agent=agent, certainty=certainty)
    assert doubts_of(voices(), PARTIES, None, 0.7, heard_as=heard_as) == ((), ())


def test_voices_too_alike_make_both_parties_doubtful() -> None:
    trust = Trust(value=0.61, reasons=((DoubtReason.ALIKE, Message.of("speakers.alike")),))
    doubts, (note,) = doubts_of(voices(state="mono"), PARTIES, None, 0.7, trust=trust)
    assert [(d.speaker, d.certainty, d.reason) for d in doubts] == [
        (A, 0.61, DoubtReason.ALIKE),
        (C, 0.61, DoubtReason.ALIKE),
    ]
    assert "alike" in note.text


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("ok", "nobody speaks in the customer's channel"),
        ("mono", "one voice was found in this mono recording"),
    ],
)
def test_a_call_with_one_speaker_says_so(state: str, told: str) -> None:
    from dataclasses import replace

    both = voices(state=state)
    alone = replace(both, pair=(both.pair[0], replace(both.pair[1], regions=())))
    doubts, (note,) = doubts_of(alone, PARTIES, None, 0.7)
    assert (doubts, note.text) == ((), told)


def test_where_two_channels_carry_one_sound_alike_voices_are_in_doubt_there_alone() -> None:
    shared = replace(voices(), shared=((0.0, 12.0), (50.0, 60.0)), shared_alike=True)
    doubts, (note,) = doubts_of(shared, PARTIES, None, 0.7)
    assert [(d.speaker, d.start_s, d.end_s) for d in doubts] == [
        (A, 0.0, 12.0),
        (C, 0.0, 12.0),
        (A, 50.0, 60.0),
        (C, 50.0, 60.0),
    ]
    assert {(d.certainty, d.reason) for d in doubts} == {(0.5, DoubtReason.ALIKE)}
    assert note == Message.of("speakers.alike-there")
