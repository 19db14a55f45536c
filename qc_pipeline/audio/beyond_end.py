"""Words of a transcript made elsewhere that stand where its recording has ended already.

A recogniser that loops writes on after the sound is over (谢谢观看 from 40 to 400 s of a call of
46 s). Nobody said that; it is taken out as our own guards do, with its reason.
"""

from __future__ import annotations

from dataclasses import replace

from qc_pipeline.call import Dropped, Transcript, Turn, Word
from qc_pipeline.message import Message

SLACK_S = 1.0
"""Programs round, and pad the sound they are given; what ends this much later was said."""


def within_recording(transcript: Transcript, end_s: float) -> Transcript:
    """The transcript without what stands beyond `end_s`, the recording's own end in seconds.

    A turn without word times that lies beyond it for more than half is left out as a whole; else it
    ends where the recording does. What was left out is in `dropped`.
    """
    last_s = end_s + SLACK_S
    if all(t.end_s <= last_s for t in transcript.turns):
        return transcript
    turns: list[Turn] = []
    dropped: list[Dropped] = []
    for turn in transcript.turns:
        if turn.end_s <= last_s:
            turns.append(turn)
            continue
        kept, gone = _split(turn, end_s)
        if kept is not None:
            turns.append(kept)
        if gone is not None:
            dropped.append(gone)
    return replace(
        transcript,
        duration_s=max([end_s, *(t.end_s for t in turns)]),
        turns=tuple(turns),
        dropped=tuple(
            sorted((*transcript.dropped, *dropped), key=lambda d: (d.start_s, d.speaker))
        ),
    )


def _split(turn: Turn, end_s: float) -> tuple[Turn | None, Dropped | None]:
    if not turn.words:
        inside = end_s - turn.start_s
        if inside < (turn.end_s - turn.start_s) / 2:
            return None, _dropped(turn, turn.start_s, turn.text)
        return replace(turn, end_s=end_s), None
    heard = [w for w in turn.words if w.start_s < end_s and w.end_s <= end_s + SLACK_S]
    if not heard:
        return None, _dropped(turn, turn.start_s, turn.text)
    late = turn.words[len(heard) :]
    if not late or turn.words[: len(heard)] != tuple(heard):
        return replace(turn, end_s=min(turn.end_s, max(end_s, heard[-1].end_s))), None
    text = _joined(heard)
    kept = replace(turn, end_s=heard[-1].end_s, text=text, words=tuple(heard))
    return kept, _dropped(turn, late[0].start_s, _joined(late))


def _joined(words: list[Word] | tuple[Word, ...]) -> str:
    wide = all(not w.text or w.text[0].isascii() for w in words)
    return (" " if wide else "").join(w.text for w in words)


def _dropped(turn: Turn, start_s: float, text: str) -> Dropped:
    return Dropped(
        speaker=turn.speaker,
        start_s=start_s,
        end_s=turn.end_s,
        text=text,
        reason=Message.of("dropped.beyond-end"),
    )
