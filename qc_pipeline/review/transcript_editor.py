"""A transcript as text that a person corrects in an editor, and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from qc_pipeline.call import Measures, Span, Speaker, Transcript, Turn, Word
from qc_pipeline.errors import InputError, Problem
from qc_pipeline.message import Message
from qc_pipeline.scoring.evidence.remeasure import measures_again
from qc_pipeline.scoring.evidence.timing import union

HEAD = """\
# {recording}
# 可以改每行的说话人(agent 坐席 / customer 客户)和文字;时间不能改,行不能删。# 开头的行不读。
# 拆分:在下面加一行 [+] 说话人: 文字;要自己定时刻(秒)就写 [+3.50]。合并到上一行:说话人写成 ^。
# Correct speaker and text; leave the times, remove no line. To split a turn, add a line below it:
# [+] speaker: text, or [+3.50] with the second of the cut. To join the line above: ^ as speaker.
"""
LINE = re.compile(r"\[(\d+\.\d\d)-(\d+\.\d\d)\]\s*([^\s::]+)\s*[::][ \t]*(.*)")
CUT = re.compile(r"[\[【]\s*[++]\s*(\d+(?:\.\d{1,2})?)?\s*[\]】]\s*([^\s::]+)\s*[::][ \t]*(.*)")
JOIN = "^"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line as it was written; `speaker` None joins the turn above, `cut_s` begins a piece."""

    number: int
    speaker: Speaker | None
    text: str
    cut_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A turn to be, made of (a part of) the old turn `source`; `joins` the one before it."""

    turn: Turn
    source: int
    joins: bool = False


class _WrongLineError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def as_text(transcript: Transcript) -> str:
    """One line a turn: `[start-end] speaker: text`, seconds."""
    lines = [
        f"[{t.start_s:.2f}-{t.end_s:.2f}] {t.speaker}: {_one_line(t.text)}"
        for t in transcript.turns
    ]
    return HEAD.format(recording=_one_line(transcript.recording_id)) + "\n".join(lines) + "\n"


def from_text(text: str, transcript: Transcript, measures: Measures, *, name: str) -> Corrected:
    """The transcript that follows from an edited text.

    A corrected turn was heard by a person: its words are certain and share its time evenly. A turn
    cut between its words keeps them and their times, else the pieces share the time by their
    length. Where the speaker changed, so do the speech regions, and the measures of that piece are
    unknown. Raises InputError with every line that is not right, `name` being the file's.
    """
    problems: list[Problem] = []
    groups = _groups(text, transcript.turns, name, problems)
    pieces: list[_Piece] = []
    edits: list[dict[str, Any]] = []
    for number, lines in enumerate(groups):
        old = transcript.turns[number]
        try:
            made = _pieces(old, number, lines, transcript.language, above=bool(pieces))
        except _WrongLineError as wrong:
            problems.append(replace(wrong.problem, path=name))
            continue
        speaker = pieces[-1].turn.speaker if made[0].joins else None
        if speaker is not None:
            made[0] = replace(made[0], turn=replace(made[0].turn, speaker=speaker))
        edit = _edit(number, old, made)
        if edit is not None:
            edits.append(edit)
        pieces += made
    if problems:
        raise InputError(problems)
    if not edits:
        return Corrected(transcript=transcript, measures=measures, edits=())
    speech = dict(transcript.speech)
    for piece in pieces:
        _move(speech, transcript.turns[piece.source].speaker, piece.turn)
    turns = _joined_pieces(pieces, transcript, measures)
    note = Message.of("words.corrected", n=len(edits))
    corrected = replace(
        transcript,
        turns=tuple(t for t, _ in turns),
        speech=speech,
        notes=(*transcript.notes, note),
    )
    known = replace(measures, turns=tuple(m for _, m in turns))
    return Corrected(
        transcript=corrected,
        measures=measures_again(known, transcript, corrected),
        edits=tuple(edits),
    )


def _groups(
    text: str, turns: Sequence[Turn], name: str, problems: list[Problem]
) -> list[list[_Line]]:
    """The lines of each old turn: its own, and those that cut pieces off it."""
    groups: list[list[_Line]] = []
    missing = len(turns)
    seen = 0
    for number, raw in enumerate(text.splitlines(), start=1):
        if not raw.strip() or raw.lstrip().startswith("#"):
            continue
        cut = CUT.fullmatch(raw.strip())
        seen += cut is None
        try:
            if cut is not None:
                if seen == 0:
                    raise _WrongLineError(
                        Problem(path="", message="no turn stands above to be split")
                    )
                line = _Line(
                    number=number,
                    speaker=_speaker(cut[2], joins=False),
                    text=cut[3].strip(),
                    cut_s=float(cut[1]) if cut[1] else None,
                )
                if groups:
                    groups[-1].append(line)
            else:
                groups.append(
                    [_own_line(raw, number, turns[seen - 1] if seen <= missing else None)]
                )
        except _WrongLineError as wrong:
            problems.append(replace(wrong.problem, path=name, line=number))
    if seen < missing:
        problems.append(
            Problem(
                path=name,
                message="lines are missing",
                found=f"{seen} turns",
                allowed=f"{missing}: leave the text empty where nothing was said",
            )
        )
    return [] if problems else groups


def _own_line(raw: str, number: int, old: Turn | None) -> _Line:
    if old is None:
        message = "a line too many: no turn is left for it; a line that splits begins with [+]"
        raise _WrongLineError(Problem(path="", message=message))
    found = LINE.fullmatch(raw.strip())
    place = f"[{old.start_s:.2f}-{old.end_s:.2f}]"
    if found is None or f"[{found[1]}-{found[2]}]" != place:
        raise _WrongLineError(
            Problem(
                path="", message="not a turn of this call", found=repr(raw[:40]),
                allowed=f"{place} {old.speaker}: …",
            )
        )  # fmt: skip
    return _Line(number=number, speaker=_speaker(found[3], joins=True), text=found[4].strip())


def _speaker(word: str, *, joins: bool) -> Speaker | None:
    if joins and word == JOIN:
        return None
    speaker = SPEAKERS.get(word.lower())
    if speaker is None:
        allowed = "agent, customer" + (f", or {JOIN} to join the line above" if joins else "")
        problem = Problem(path="", message="not a speaker", found=repr(word), allowed=allowed)
        raise _WrongLineError(problem)
    return speaker


def _pieces(
    old: Turn, source: int, lines: Sequence[_Line], language: str, *, above: bool
) -> list[_Piece]:
    """What becomes of an old turn. Raises _WrongLineError with the line that cannot be."""
    joins = lines[0].speaker is None
    if joins and not above:
        raise _WrongLineError(
            Problem(path="", line=lines[0].number, message="no turn stands above to be joined")
        )
    texts = [line.text for line in lines]
    same = "".join("".join(texts).split()) == "".join(old.text.split())
    if len(lines) == 1:
        whole = old if texts[0] == _one_line(old.text) else _said(old, texts[0], language)
        turn = whole if whole.speaker is lines[0].speaker else replace(
            whole, speaker=lines[0].speaker or old.speaker
        )  # fmt: skip
        return [_Piece(turn=turn, source=source, joins=joins)]
    for line in lines:
        if not line.text:
            message = "a piece of a split turn has no words"
            raise _WrongLineError(Problem(path="", line=line.number, message=message))
    own_words = _cut_words(old, texts) if same else None
    ends = _ends(old, lines, own_words)
    made: list[_Piece] = []
    for number, (line, (start_s, end_s)) in enumerate(zip(lines, pairwise(ends), strict=True)):
        turn = replace(
            old,
            speaker=line.speaker or old.speaker,
            start_s=start_s,
            end_s=end_s,
            text=line.text,
        )
        if own_words is not None:
            words = tuple(_inside(w, turn) for w in own_words[number])
        else:
            turn = replace(turn, confidence=old.confidence if same else 1.0)
            words = _spread(line.text, turn, language)
        turn = replace(turn, words=words)
        made.append(_Piece(turn=turn, source=source, joins=joins and number == 0))
    return made


def _ends(old: Turn, lines: Sequence[_Line], words: Sequence[Sequence[Word]] | None) -> list[float]:
    """Where the pieces of a split turn begin, and where the last one ends."""
    if words is not None:
        ends = [old.start_s, *(w[0].start_s for w in words[1:]), old.end_s]
    else:
        lengths = [max(1, len("".join(line.text.split()))) for line in lines]
        share_s = (old.end_s - old.start_s) / sum(lengths)
        ends = [round(old.start_s + share_s * sum(lengths[:i]), 2) for i in range(len(lines))]
        ends = [old.start_s, *ends[1:], old.end_s]
    for number, line in enumerate(lines):
        if line.cut_s is not None:
            ends[number] = line.cut_s
    for line, former, begin in zip(lines[1:], ends, ends[1:-1], strict=False):
        if not former < begin < old.end_s:
            raise _WrongLineError(
                Problem(
                    path="",
                    line=line.number,
                    message="the pieces of a split turn must follow each other inside it",
                    found=f"{begin:.2f}",
                    allowed=f"more than {former:.2f}, less than {old.end_s:.2f}",
                )
            )
    return ends


def _cut_words(old: Turn, texts: Sequence[str]) -> list[tuple[Word, ...]] | None:
    """The old words piece by piece; None where there are none, or a cut runs through one."""
    bounds = [0]
    for text in texts:
        bounds.append(bounds[-1] + len("".join(text.split())))
    found: list[list[Word]] = [[] for _ in texts]
    at = 0
    for word in old.words:
        length = len("".join(word.text.split()))
        piece = next((i for i in range(len(texts)) if bounds[i] <= at < bounds[i + 1]), None)
        if piece is None or at + length > bounds[piece + 1]:
            return None
        found[piece].append(word)
        at += length
    return [tuple(words) for words in found] if at == bounds[-1] and all(found) else None


def _inside(word: Word, turn: Turn) -> Word:
    start_s = min(max(word.start_s, turn.start_s), turn.end_s)
    return replace(word, start_s=start_s, end_s=min(max(word.end_s, start_s), turn.end_s))


def _said(old: Turn, text: str, language: str) -> Turn:
    sure = replace(old, text=text, confidence=1.0)
    return replace(sure, words=_spread(text, sure, language))


def _spread(text: str, turn: Turn, language: str) -> tuple[Word, ...]:
    """Words that share the turn's time evenly: characters in Chinese, words elsewhere."""
    parts = [c for c in text if not c.isspace()] if language == "zh" else text.split()
    step = (turn.end_s - turn.start_s) / max(1, len(parts))
    return tuple(
        Word(
            text=part,
            start_s=round(turn.start_s + i * step, 2),
            end_s=round(turn.start_s + (i + 1) * step, 2),
            confidence=turn.confidence,
        )
        for i, part in enumerate(parts)
    )


def _joined_pieces(
    pieces: Sequence[_Piece], transcript: Transcript, measures: Measures
) -> list[tuple[Turn, Mapping[str, float]]]:
    """The turns in order, each with its measures: of a joined turn, those of its longer part."""
    old = measures.turns or ({},) * len(transcript.turns)
    found: list[tuple[Turn, Mapping[str, float]]] = []
    for piece in pieces:
        turn = piece.turn
        stays = turn.speaker is transcript.turns[piece.source].speaker
        figures: Mapping[str, float] = old[piece.source] if stays else {}
        if not piece.joins:
            found.append((turn, figures))
            continue
        former, known = found[-1]
        gap = "" if transcript.language == "zh" or not (former.text and turn.text) else " "
        sure = [c for c in (former.confidence, turn.confidence) if c is not None]
        longer = former.end_s - former.start_s >= turn.end_s - turn.start_s
        whole = replace(
            former,
            end_s=max(former.end_s, turn.end_s),
            text=f"{former.text}{gap}{turn.text}",
            words=(*former.words, *turn.words) if former.words and turn.words else (),
            confidence=min(sure, default=None),
        )
        found[-1] = (whole, known if longer else figures)
    return sorted(found, key=lambda row: (row[0].start_s, str(row[0].speaker)))


def _edit(number: int, old: Turn, made: Sequence[_Piece]) -> dict[str, Any] | None:
    """What became of an old turn, None where nothing did."""
    edit: dict[str, Any] = {}
    first = made[0]
    if first.joins:
        edit["joined"] = True
    if len(made) > 1:
        edit["split"] = [
            {
                "speaker": str(p.turn.speaker),
                "start_s": round(p.turn.start_s, 2),
                "end_s": round(p.turn.end_s, 2),
                "text": p.turn.text,
            }
            for p in made
        ]
        edit["text"] = {"from": old.text, "to": "".join(p.turn.text for p in made)}
        if edit["text"]["from"] == edit["text"]["to"]:
            del edit["text"]
    elif old.text != first.turn.text:
        edit["text"] = {"from": old.text, "to": first.turn.text}
    if len(made) == 1 and old.speaker is not first.turn.speaker:
        edit["speaker"] = {"from": str(old.speaker), "to": str(first.turn.speaker)}
    return {"turn": number, "start_s": round(old.start_s, 2), **edit} if edit else None


def _move(speech: dict[Speaker, tuple[Span, ...]], former: Speaker, turn: Turn) -> None:
    """Take a turn's time out of its former speaker's regions and put it into its speaker's."""
    if turn.speaker is former:
        return
    span = (turn.start_s, turn.end_s)
    if former in speech:
        speech[former] = tuple(
            piece
            for a, b in speech[former]
            for piece in ((a, min(b, span[0])), (max(a, span[1]), b))
            if piece[1] > piece[0]
        )
    if turn.speaker in speech:
        speech[turn.speaker] = tuple(union([*speech[turn.speaker], span]))


def _one_line(text: str) -> str:
    return " ".join(text.split())
