"""What follows from the text in which a person corrected a transcript. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from qc_pipeline.call import Measures, Span, Speaker, Transcript, Turn, Word
from qc_pipeline.errors import InputError, Problem
from qc_pipeline.message import Message
from qc_pipeline.review.filled_stretches import cut_around, heard_now, moved
from qc_pipeline.review.transcript_text import (
    Line,
    WrongLineError,
    one_line,
    read_groups,
)
from qc_pipeline.review.transcript_text import as_text as as_text
from qc_pipeline.scoring.evidence.remeasure import measures_again
from qc_pipeline.scoring.evidence.timing import clip, union


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """`edits`: for each changed turn (counted in the old transcript) what it was and is, and for
    each stretch in which nothing was heard what was `added` there.
    """

    transcript: Transcript
    measures: Measures
    edits: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A turn to be, made of (a part of) the old turn `source`; `joins` the one before it."""

    turn: Turn
    former: Speaker
    source: int | None
    joins: bool = False


def from_text(text: str, transcript: Transcript, measures: Measures, *, name: str) -> Corrected:
    """The transcript that follows from an edited text.

    A corrected turn was heard by a person: its words are certain and share its time evenly, and
    nothing in it is unheard any more. A turn cut between its words keeps them and their times, else
    the pieces share the time by their length. Where the speaker changed, so do the speech regions,
    and the measures of that piece are unknown; so are those of words written where nothing was
    heard. Raises InputError with every line that is not right, `name` being the file's.
    """
    problems: list[Problem] = []
    pieces: list[_Piece] = []
    filled: list[Turn] = []
    heard: dict[Speaker, list[Span]] = {s: [] for s in Speaker}
    edits: list[dict[str, Any]] = []
    for group in read_groups(text, transcript, name, problems):
        old = group.old
        try:
            made = _pieces(old, group.source, group.lines, transcript.language, above=bool(pieces))
        except WrongLineError as wrong:
            problems.append(replace(wrong.problem, path=name))
            continue
        speaker = pieces[-1].turn.speaker if made[0].joins else None
        if speaker is not None:
            made[0] = replace(made[0], turn=replace(made[0].turn, speaker=speaker))
        edit = _edit(group.source, old, made)
        if edit is not None:
            edits.append(edit)
        if edit is not None and ("text" in edit or "added" in edit):
            for piece in made:
                span = (piece.turn.start_s, piece.turn.end_s)
                heard[piece.turn.speaker].append(span)
                heard[piece.former].append(span)
        filled += [piece.turn for piece in made if group.source is None]
        pieces += made
    if problems:
        raise InputError(problems)
    if not edits:
        return Corrected(transcript=transcript, measures=measures, edits=())
    speech = dict(transcript.speech)
    unheard = heard_now(transcript.unheard, heard)
    for piece in pieces:
        _move(speech, piece.former, piece.turn)
        if piece.source is None:
            _speaks(speech, piece.turn)
        elif piece.turn.speaker is not piece.former:
            span = (piece.turn.start_s, piece.turn.end_s)
            unheard = moved(unheard, piece.former, span)
    turns = _joined_pieces(_cut_around_filled(pieces, filled), transcript, measures)
    note = Message.of("words.corrected", n=len(edits))
    corrected = replace(
        transcript,
        turns=tuple(t for t, _ in turns),
        speech=speech,
        unheard=unheard,
        notes=(*transcript.notes, note),
    )
    known = replace(measures, turns=tuple(m for _, m in turns))
    return Corrected(
        transcript=corrected,
        measures=measures_again(known, transcript, corrected),
        edits=tuple(edits),
    )


def _pieces(
    old: Turn, source: int | None, lines: Sequence[Line], language: str, *, above: bool
) -> list[_Piece]:
    """What becomes of an old turn. Raises WrongLineError with the line that cannot be."""
    joins = lines[0].speaker is None
    if joins and not above:
        raise WrongLineError(
            Problem(path="", line=lines[0].number, message="no turn stands above to be joined")
        )
    texts = [line.text for line in lines]
    same = "".join("".join(texts).split()) == "".join(old.text.split())
    if len(lines) == 1:
        whole = old if texts[0] == one_line(old.text) else _said(old, texts[0], language)
        turn = whole if whole.speaker is lines[0].speaker else replace(
            whole, speaker=lines[0].speaker or old.speaker
        )  # fmt: skip
        return [_Piece(turn=turn, former=old.speaker, source=source, joins=joins)]
    for line in lines:
        if not line.text:
            message = "a piece of a split turn has no words"
            raise WrongLineError(Problem(path="", line=line.number, message=message))
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
        joins_above = joins and number == 0
        made.append(_Piece(turn=turn, former=old.speaker, source=source, joins=joins_above))
    return made


def _ends(old: Turn, lines: Sequence[Line], words: Sequence[Sequence[Word]] | None) -> list[float]:
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
            raise WrongLineError(
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
    pieces: Iterable[_Piece], transcript: Transcript, measures: Measures
) -> list[tuple[Turn, Mapping[str, float]]]:
    """The turns in order, each with its measures: of a joined turn, those of its longer part."""
    old = measures.turns or ({},) * len(transcript.turns)
    found: list[tuple[Turn, Mapping[str, float]]] = []
    for piece in pieces:
        turn = piece.turn
        known_still = piece.source is not None and turn.speaker is piece.former
        figures: Mapping[str, float] = old[piece.source or 0] if known_still else {}
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


def _cut_around_filled(pieces: Sequence[_Piece], filled: Sequence[Turn]) -> Iterator[_Piece]:
    """The pieces; what was said before and after a filled stretch of one turn are two turns."""
    for piece in pieces:
        left = [piece.turn]
        if piece.source is not None:
            for turn in filled:
                left = [part for one in left for part in cut_around(one, turn)]
        for number, turn in enumerate(left):
            yield replace(piece, turn=turn, joins=piece.joins and number == 0)


def _edit(number: int | None, old: Turn, made: Sequence[_Piece]) -> dict[str, Any] | None:
    """What became of an old turn, None where nothing did; or what was heard where none was."""
    edit: dict[str, Any] = {}
    first = made[0]
    if number is None:
        return {"added": _spans(made), "start_s": round(old.start_s, 2)}
    if first.joins:
        edit["joined"] = True
    if len(made) > 1:
        edit["split"] = _spans(made)
        edit["text"] = {"from": old.text, "to": "".join(p.turn.text for p in made)}
        if edit["text"]["from"] == edit["text"]["to"]:
            del edit["text"]
    elif old.text != first.turn.text:
        edit["text"] = {"from": old.text, "to": first.turn.text}
    if len(made) == 1 and old.speaker is not first.turn.speaker:
        edit["speaker"] = {"from": str(old.speaker), "to": str(first.turn.speaker)}
    return {"turn": number, "start_s": round(old.start_s, 2), **edit} if edit else None


def _spans(made: Sequence[_Piece]) -> list[dict[str, Any]]:
    return [
        {
            "speaker": str(p.turn.speaker),
            "start_s": round(p.turn.start_s, 2),
            "end_s": round(p.turn.end_s, 2),
            "text": p.turn.text,
        }
        for p in made
    ]


def _speaks(speech: dict[Speaker, tuple[Span, ...]], turn: Turn) -> None:
    """Put a turn's time into its speaker's regions where they have none of it."""
    span = (turn.start_s, turn.end_s)
    if turn.speaker in speech and not clip(speech[turn.speaker], *span):
        speech[turn.speaker] = tuple(union([*speech[turn.speaker], span]))


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
