"""The measures that need no sound: who talked how long and how fast, waited, cut in. Pure.

Every figure is defined in docs/measures.md; `timing` and `pace` hold the definitions of turns,
silences, interruptions, answers and speaking time. A figure that nothing says anything about is
absent, never 0: without answers there is no response time, in one channel no overlap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from statistics import median

from qc_pipeline.call import Event, FieldValue, Measures, Speaker, Transcript
from qc_pipeline.scoring.evidence import timing
from qc_pipeline.scoring.evidence.hold_announcements import AroundSilence, around_silences
from qc_pipeline.scoring.evidence.pace import SpeakingTime

LONG_SILENCE_S = 3.0
"""Silences from this long on are counted and listed; shorter ones are pauses of a conversation."""
INTERRUPTION_S, INTERRUPTION_CHARS = 1.5, 5
"""From these on talking over the other counts as an interruption (RUBRIC.md, `interrupts`)."""
RATE_UNITS = 10
"""A turn with fewer characters or words has no rate (RUBRIC.md, `speech_rate`)."""
CHANGE_UNITS = 60
"""With fewer in all, a speaker's pace is not compared between begin and end of the call."""

_UNHEARD = ("dead", "missing")
_ONE_CHANNEL = ("mono", "missing")


def conversation(transcript: Transcript, version: str) -> Measures:
    """The measures of a transcript that need no sound."""
    return conversations([transcript], version)[0]


def conversations(transcripts: Sequence[Transcript], version: str) -> list[Measures]:
    """As `conversation` of each; of many calls the agents' words are searched in one go."""
    talks: dict[str, list[int]] = {}
    merged = [timing.merge_turns(t.turns) for t in transcripts]
    silences: list[tuple[timing.SilentSpan, ...]] = []
    for i, transcript in enumerate(transcripts):
        both = len(_heard(transcript)) == len(Speaker)
        silences.append(tuple(timing.silences(transcript)) if both else ())
        talks.setdefault(transcript.language, []).append(i)
    said: dict[int, list[AroundSilence]] = {}
    for language, places in talks.items():
        calls = [
            (merged[i], [s for s in silences[i] if s.duration_s >= LONG_SILENCE_S]) for i in places
        ]
        said |= dict(zip(places, around_silences(calls, language), strict=True))
    return [
        _measures(transcript, version, merged[i], silences[i], said[i])
        for i, transcript in enumerate(transcripts)
    ]


def _heard(transcript: Transcript) -> tuple[Speaker, ...]:
    return tuple(s for s in Speaker if transcript.channels.get(s, "ok") not in _UNHEARD)


def _measures(
    transcript: Transcript,
    version: str,
    merged: Sequence[timing.MergedTurn],
    silences: Sequence[timing.SilentSpan],
    said: Sequence[AroundSilence],
) -> Measures:
    """`said` belongs to the long ones of `silences`, in order."""
    heard = _heard(transcript)
    apart = not any(v in _ONE_CHANNEL for v in transcript.channels.values())
    both = len(heard) == len(Speaker)
    speaking = {s: SpeakingTime(transcript, s) for s in heard}
    turns = [_turn(transcript, i, speaking) for i in range(len(transcript.turns))]
    answers = timing.answers(merged, transcript.pauses) if both else ()
    for answer in answers:
        turns[merged[answer.turn].parts[0]]["response_s"] = answer.wait_s
    cuts = timing.interruptions(merged, transcript.language) if both and apart else ()
    cuts = tuple(c for c in cuts if c.chars >= INTERRUPTION_CHARS)
    speakers: dict[Speaker, dict[str, float]] = {}
    for speaker in heard:
        own = _talk(transcript, merged, speaker)
        own |= _pace(transcript, turns, speaker)
        if both:
            own |= _waits([a.wait_s for a in answers if a.speaker is speaker], "response")
            own |= _silent([s for s in silences if s.after is speaker], "silence_after")
        if both and apart:
            own |= _cutting(cuts, speaker)
        speakers[speaker] = own
    call: dict[str, float] = {}
    silent = _silence_events(silences, said)
    if transcript.turns and both:
        call |= _silent(silences, "silence")
        call["silence_untold_longest_s"] = max(
            (s.duration_s for s, told in silent if told.get("told_to_wait") is not True),
            default=0.0,
        )
    if both and apart:
        call["overlap_s"] = _overlap_s(transcript)
    return Measures(
        version=version,
        speakers=speakers,
        call=call,
        turns=tuple(turns),
        events=_events(
            silences=tuple(told for _, told in silent),
            interruptions=_cut_events(merged, cuts),
        ),
    )


def _events(**kinds: tuple[Event, ...]) -> Mapping[str, tuple[Event, ...]]:
    return {kind: events for kind, events in kinds.items() if events}


def _turn(
    transcript: Transcript, number: int, speaking: Mapping[Speaker, SpeakingTime]
) -> dict[str, float]:
    """Speaking time and pace of one turn of the transcript."""
    turn = transcript.turns[number]
    if turn.speaker not in speaking:
        return {}
    spoken_s = speaking[turn.speaker].of_turn(turn)
    units = timing.units(turn.text, transcript.language)
    found = {"talk_s": spoken_s, "units": units}
    if units >= RATE_UNITS and spoken_s > 0:
        found["speech_rate"] = 60 * units / spoken_s
    return found


def _talk(
    transcript: Transcript, merged: Sequence[timing.MergedTurn], speaker: Speaker
) -> dict[str, float]:
    lengths = [t.end_s - t.start_s for t in merged if t.speaker is speaker]
    found = {"talk_s": timing.talk_time_s(transcript, speaker), "turns": len(lengths)}
    if lengths:
        found["longest_turn_s"] = max(lengths)
        found["median_turn_s"] = median(lengths)
    share = timing.talk_share(transcript, speaker)
    if share is not None:
        found["talk_share"] = share
    return found


def _pace(
    transcript: Transcript, turns: Sequence[Mapping[str, float]], speaker: Speaker
) -> dict[str, float]:
    """Pace over the call, its spread over turns, and how it changed towards the end.

    Spread is the standard deviation of the turns' rates, weighted by their speaking time. The
    change compares the last third of the speaker's speaking time with the first, by whole turns.
    """
    own = [m for t, m in zip(transcript.turns, turns, strict=True) if t.speaker is speaker and m]
    spoken_s, units = sum(m["talk_s"] for m in own), sum(m["units"] for m in own)
    if spoken_s <= 0:
        return {}
    found = {"units": units, "speech_rate": 60 * units / spoken_s}
    rated = [(m["speech_rate"], m["talk_s"]) for m in own if "speech_rate" in m]
    weight = sum(w for _, w in rated)
    if len(rated) > 1:
        mean = sum(r * w for r, w in rated) / weight
        found["speech_rate_sd"] = sqrt(sum(w * (r - mean) ** 2 for r, w in rated) / weight)
    if units >= CHANGE_UNITS:
        first, last = _thirds(own, spoken_s)
        if first > 0 and last > 0:
            found["speech_rate_change"] = last / first - 1
    return found


def _thirds(own: Sequence[Mapping[str, float]], spoken_s: float) -> tuple[float, float]:
    """Pace in the first and in the last third of speaking time; a turn across a border is shared
    by its time.
    """
    first = last = at = 0.0
    third = spoken_s / 3
    for turn in own:
        length, until = turn["talk_s"], at + turn["talk_s"]
        if length > 0:
            first += turn["units"] * max(0.0, min(until, third) - at) / length
            last += turn["units"] * max(0.0, until - max(at, 2 * third)) / length
        at = until
    return first / third, last / third


def _waits(waits: Sequence[float], name: str) -> dict[str, float]:
    if not waits:
        return {}
    return {
        f"{name}_first_s": waits[0],
        f"{name}_median_s": median(waits),
        f"{name}_longest_s": max(waits),
    }


def _silent(silences: Sequence[timing.SilentSpan], name: str) -> dict[str, float]:
    lengths = [s.duration_s for s in silences]
    return {
        f"{name}_s": sum(lengths),
        f"{name}_longest_s": max(lengths, default=0.0),
        f"{name}_long": sum(s >= LONG_SILENCE_S for s in lengths),
    }


def _cutting(cuts: Sequence[timing.Interruption], speaker: Speaker) -> dict[str, float]:
    long = [c for c in cuts if c.overlap_s >= INTERRUPTION_S]
    return {
        "interruptions": sum(c.speaker is speaker for c in long),
        "interruptions_other_gave_way": sum(c.speaker is speaker and c.gave_way for c in long),
        "gave_way": sum(c.speaker is not speaker and c.gave_way for c in long),
    }


def _overlap_s(transcript: Transcript) -> float:
    agent, customer = (timing.talk_spans(transcript, s) for s in Speaker)
    return timing.length_s(agent) - timing.length_s(timing.subtract(agent, customer))


def _silence_events(
    silences: Sequence[timing.SilentSpan], said: Sequence[AroundSilence]
) -> list[tuple[timing.SilentSpan, Event]]:
    """The long silences, with whether the customer was told to wait before and thanked after."""
    out: list[tuple[timing.SilentSpan, Event]] = []
    long = [s for s in silences if s.duration_s >= LONG_SILENCE_S]
    for span, around in zip(long, said, strict=True):
        event: dict[str, FieldValue] = {
            "start_s": span.start_s,
            "end_s": span.end_s,
            "after": str(span.after),
            "before": str(span.before),
        }
        if around.told is not None:
            event["told_to_wait"] = around.told
        if around.thanked is not None:
            event["thanked_after"] = around.thanked
        out.append((span, event))
    return out


def _cut_events(
    merged: Sequence[timing.MergedTurn], cuts: Sequence[timing.Interruption]
) -> tuple[Event, ...]:
    return tuple(
        {
            "speaker": str(cut.speaker),
            "start_s": cut.start_s,
            "end_s": cut.end_s,
            "turn": merged[cut.turn].parts[0],
            "gave_way": cut.gave_way,
            "counted": cut.overlap_s >= INTERRUPTION_S,
        }
        for cut in cuts
    )
