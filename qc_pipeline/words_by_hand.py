"""A transcript as text that a person corrects in an editor, and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qc_pipeline.call import Measures, Span, Speaker, Transcript, Turn, Word
from qc_pipeline.errors import InputError, Problem

HEAD = """\
# {recording}
# 可以改每行的说话人(agent 坐席 / customer 客户)和文字;时间不能改,不能增删行。# 开头的行不读。
# Correct speaker and text; leave the times, add and remove no line.
"""
LINE = re.compile(r"\[(\d+\.\d\d)-(\d+\.\d\d)\]\s*([^\s::]+)\s*[::][ \t]*(.*)")
SPEAKERS = {
    "agent": Speaker.AGENT,
    "坐席": Speaker.AGENT,
    "customer": Speaker.CUSTOMER,
    "客户": Speaker.CUSTOMER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """`edits`: for each changed turn (counted in the old transcript) what it was and is."""

    transcript: Transcript
    measures: Measures
    edits: tuple[dict[str, Any], ...]


def as_text(transcript: Transcript) -> str:
    """One line a turn: `[start-end] speaker: text`, seconds."""
    lines = [
        f"[{t.start_s:.2f}-{t.end_s:.2f}] {t.speaker}: {_one_line(t.text)}"
        for t in transcript.turns
    ]
    return HEAD.format(recording=_one_line(transcript.recording_id)) + "\n".join(lines) + "\n"


def from_text(text: str, transcript: Transcript, measures: Measures, *, name: str) -> Corrected:
    """The transcript that follows from an edited text.

    A corrected turn was heard by a person: its words are certain and share its time evenly; where
    the speaker changed, so do the speech regions. Raises InputError with every line that is not
    right, `name` being the file's.
    """
    problems: list[Problem] = []
    turns: list[tuple[Turn, int]] = []
    edits: list[dict[str, Any]] = []
    number = 0
    for line_number, raw in enumerate(text.splitlines(), start=1):
        if not raw.strip() or raw.lstrip().startswith("#"):
            continue
        old = transcript.turns[number] if number < len(transcript.turns) else None
        problem, turn = _turn(raw, old, transcript.language)
        if problem is not None:
            problems.append(replace(problem, path=name, line=line_number))
        elif turn is not None and old is not None:
            if turn is not old:
                edits.append(_edit(number, old, turn))
            turns.append((turn, number))
        number += 1
    if number < len(transcript.turns):
        problems.append(
            Problem(
                path=name,
                message="lines are missing",
                found=f"{number} turns",
                allowed=f"{len(transcript.turns)}: leave the text empty where nothing was said",
            )
        )
    if problems:
        raise InputError(problems)
    if not edits:
        return Corrected(transcript=transcript, measures=measures, edits=())
    turns.sort(key=lambda pair: (pair[0].start_s, str(pair[0].speaker)))
    old_measures: Sequence[Mapping[str, float]] = measures.turns or ({},) * len(transcript.turns)
    speech = dict(transcript.speech)
    for edit in edits:
        if "speaker" in edit:
            old = transcript.turns[edit["turn"]]
            _move(speech, old, Speaker(edit["speaker"]["to"]))
    note = f"{len(edits)} turns corrected by hand"
    return Corrected(
        transcript=replace(
            transcript,
            turns=tuple(t for t, _ in turns),
            speech=speech,
            notes=(*transcript.notes, note),
        ),
        measures=replace(measures, turns=tuple(old_measures[i] for _, i in turns)),
        edits=tuple(edits),
    )


def _turn(raw: str, old: Turn | None, language: str) -> tuple[Problem | None, Turn | None]:
    found = LINE.fullmatch(raw.strip())
    if old is None:
        return Problem(path="", message="a line too many: no turn is left for it"), None
    place = f"[{old.start_s:.2f}-{old.end_s:.2f}]"
    if found is None or f"[{found[1]}-{found[2]}]" != place:
        return Problem(
            path="", message="not a turn of this call", found=repr(raw[:40]),
            allowed=f"{place} {old.speaker}: …",
        ), None  # fmt: skip
    speaker = SPEAKERS.get(found[3].lower())
    if speaker is None:
        return Problem(
            path="", message="not a speaker", found=repr(found[3]), allowed="agent, customer"
        ), None
    said = found[4].strip()
    if said == _one_line(old.text):
        return None, old if speaker is old.speaker else replace(old, speaker=speaker)
    words = _spread(said, old, language)
    return None, replace(old, speaker=speaker, text=said, confidence=1.0, words=words)


def _spread(text: str, turn: Turn, language: str) -> tuple[Word, ...]:
    """Words that share the turn's time evenly: characters in Chinese, words elsewhere."""
    parts = [c for c in text if not c.isspace()] if language == "zh" else text.split()
    step = (turn.end_s - turn.start_s) / max(1, len(parts))
    return tuple(
        Word(
            text=part,
            start_s=round(turn.start_s + i * step, 2),
            end_s=round(turn.start_s + (i + 1) * step, 2),
            confidence=1.0,
        )
        for i, part in enumerate(parts)
    )


def _edit(number: int, old: Turn, new: Turn) -> dict[str, Any]:
    edit: dict[str, Any] = {"turn": number, "start_s": round(old.start_s, 2)}
    if old.text != new.text:
        edit["text"] = {"from": old.text, "to": new.text}
    if old.speaker is not new.speaker:
        edit["speaker"] = {"from": str(old.speaker), "to": str(new.speaker)}
    return edit


def _move(speech: dict[Speaker, tuple[Span, ...]], turn: Turn, to: Speaker) -> None:
    """Take a turn's time out of one speaker's regions and put it into the other's."""
    span = (turn.start_s, turn.end_s)
    if turn.speaker in speech:
        speech[turn.speaker] = tuple(
            piece
            for a, b in speech[turn.speaker]
            for piece in ((a, min(b, span[0])), (max(a, span[1]), b))
            if piece[1] > piece[0]
        )
    if to in speech:
        speech[to] = _joined([*speech[to], span])


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    found: list[Span] = []
    for a, b in sorted(spans):
        if found and a <= found[-1][1]:
            found[-1] = (found[-1][0], max(b, found[-1][1]))
        else:
            found.append((a, b))
    return tuple(found)


def _one_line(text: str) -> str:
    return " ".join(text.split())
