"""Places of a call that are worth hearing for a red line or a major item, and decide nothing.

A word of one or two syllables that was hardly heard is like too much to be held, and what has no
words may hold anything: whoever has a minute listens there. Neither blocks a publication nor counts
as held (docs/trust.md, "A likeness"). Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence.finding import Verdict, WorthHearing
from qc_pipeline.scoring.evidence.likeness import hardly_heard
from qc_pipeline.scoring.evidence.prepared_call import PreparedCall
from qc_pipeline.scoring.rubric.model import Criterion

MOST = 3
"""So many places a criterion and kind: more are a recording to be heard whole."""
_DECIDED = (Verdict.FAIL, Verdict.HELD)


def worth_hearing(
    call: PreparedCall, verdicts: Iterable[tuple[Criterion, Verdict]]
) -> tuple[WorthHearing, ...]:
    """What is worth hearing for the red lines and major items of a call that found nothing, by
    criterion and time.
    """
    found: list[WorthHearing] = []
    for criterion, verdict in verdicts:
        condition = criterion.condition
        if criterion.severity == "minor" or condition is None or verdict in _DECIDED:
            continue
        named = condition.speakers()
        parties = [s for s in Speaker if {"any", s.value} & named]
        alike = []
        for number in call.lexicon.short_numbers(condition):
            for place in call.found.of(number):
                speaker = call.turns[place.turn].speaker
                if speaker in parties and hardly_heard(call, place):
                    said = call.place(place.turn, place.start, place.end)
                    alike.append(
                        WorthHearing(
                            criterion=criterion.id,
                            speaker=speaker,
                            start_s=said.start_s,
                            end_s=said.end_s,
                            phrase="…".join([p.text for p in call.found.parts(place)]),
                        )
                    )
        silent = [
            WorthHearing(criterion=criterion.id, speaker=speaker, start_s=a, end_s=b)
            for speaker in parties
            for a, b in call.without_words[speaker]
        ]
        for kind in (alike, silent):
            found += sorted(kind, key=lambda w: (w.start_s, w.end_s))[:MOST]
    return tuple(found)
