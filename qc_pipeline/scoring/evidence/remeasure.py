"""Measures of a call whose words or speakers a person has corrected. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from qc_pipeline.call import Measures, Speaker, Transcript
from qc_pipeline.scoring.evidence.conversation_measures import conversation

_OF_TURN = ("level_db", "raised_db", "pitch_hz", "pitch_range_st", "monotony")
_OF_PARTY = (
    *("level_db", "clipped_share", "raised_most_db", "pitch_hz", "pitch_range_st"),
    *("pitch_sd_st", "voiced_share", "monotony"),
)
_OF_SIGNALS = ("music_s", "ringing_s", "tone_s", "keys")


def measures_again(measures: Measures, before: Transcript, after: Transcript) -> Measures:
    """The measures of `after`, which a person made of `before`; `measures.turns` are after's.

    What needs no sound is worked out again. Level and pitch stay where nobody's speech changed
    hands; of a party whose speech did they are not known any more. Measures by definitions that
    knew no timing stay as they are.
    """
    if not any("talk_s" in m for m in measures.speakers.values()):
        return measures
    talked = conversation(after, measures.version)
    same = {s: before.speech.get(s) == after.speech.get(s) for s in Speaker}
    if not before.speech:
        whose = [[(t.start_s, t.speaker) for t in c.turns] for c in (before, after)]
        same = dict.fromkeys(Speaker, whose[0] == whose[1])
    call = dict(talked.call) | _kept(measures.call, _OF_SIGNALS)
    if all(same.values()):
        call |= _kept(measures.call, ("level_difference_db",))
    return replace(
        talked,
        speakers={
            s: dict(m) | (_kept(measures.speakers.get(s, {}), _OF_PARTY) if same[s] else {})
            for s, m in talked.speakers.items()
        },
        call=call,
        turns=tuple(
            dict(new) | _kept(old, _OF_TURN)
            for new, old in zip(talked.turns, measures.turns, strict=True)
        ),
        events={
            **talked.events,
            **({"signals": measures.events["signals"]} if "signals" in measures.events else {}),
        },
    )


def _kept(figures: Mapping[str, float], names: tuple[str, ...]) -> dict[str, float]:
    return {name: figures[name] for name in names if name in figures}
