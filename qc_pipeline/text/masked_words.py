"""A call's words with what must not be seen taken out, and where that was in seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace

from qc_pipeline.call import Span, Transcript, Turn
from qc_pipeline.message import Message, read_message
from qc_pipeline.text.masking import mask

SILENCE_MARGIN_S = 0.15
MASKED_NOTE = Message.of("words.masked")


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedWords:
    """`texts[i]` is turn i's masked text; `silenced` are the seconds of what was masked."""

    texts: tuple[str, ...]
    silenced: tuple[Span, ...]


def masked(transcript: Transcript, names: mask.HiddenNames) -> MaskedWords:
    """Mask a transcript; masked characters are silenced from the first to the last of a turn's
    number, with a margin; a turn without word times is silenced whole."""
    spans = mask.turn_spans(
        [(str(t.speaker), t.text) for t in transcript.turns], names, transcript.language
    )
    texts = tuple(
        mask.hide(t.text, s) if s else t.text for t, s in zip(transcript.turns, spans, strict=True)
    )
    silenced: list[Span] = []
    for turn, hidden in zip(transcript.turns, spans, strict=True):
        silenced += _seconds(turn, hidden)
    return MaskedWords(texts=texts, silenced=tuple(silenced))


def masked_transcript(
    transcript: Transcript, names: mask.HiddenNames = mask.NO_NAMES
) -> Transcript:
    """The transcript with stars for what must not be seen, in turns, words and what guards took
    out; times, lengths and everything else stay, and a note says so.
    """
    spans = mask.turn_spans(
        [(str(t.speaker), t.text) for t in transcript.turns], names, transcript.language
    )
    return replace(
        transcript,
        turns=tuple(
            _masked_turn(t, s) if s else t for t, s in zip(transcript.turns, spans, strict=True)
        ),
        dropped=tuple(replace(d, text=mask.mask(d.text, names)) for d in transcript.dropped),
        notes=(*(read_message(mask.mask(n.text, names)) for n in transcript.notes), MASKED_NOTE),
    )


def _masked_turn(turn: Turn, spans: tuple[mask.CharSpan, ...]) -> Turn:
    """A word that is not found in the turn's text is hidden whole: nobody knows what it holds."""
    text = mask.hide(turn.text, spans)
    return replace(
        turn,
        text=text,
        words=tuple(
            replace(w, text=_masked_word(w.text, text[a:b]) if a >= 0 else mask.STAR * len(w.text))
            for w, (a, b) in zip(turn.words, word_places(turn), strict=True)
        ),
    )


def _masked_word(word: str, shown: str) -> str:
    """A word with what stands in its place in the text; the blanks around it are kept."""
    return word.replace(word.strip(), shown)


def masked_quote(
    transcript: Transcript, heard: MaskedWords, turn: int | None, quote: str
) -> str | None:
    """A quotation masked as its turn is: of a number in pieces a piece alone shows nothing.

    None where the turn or the quotation in it is not there.
    """
    if turn is None or turn >= len(heard.texts):
        return None
    at = transcript.turns[turn].text.find(quote)
    return heard.texts[turn][at : at + len(quote)] if at >= 0 else None


def word_places(turn: Turn) -> tuple[tuple[int, int], ...]:
    """(start, end) of each word in the turn's text; words not found there are left out as (-1, -1).

    Words follow one another in the text; punctuation and spaces may stand between them.
    """
    places: list[tuple[int, int]] = []
    cursor = 0
    for word in turn.words:
        text = word.text.strip()
        at = turn.text.find(text, cursor) if text else -1
        if at < 0 or at > cursor + 12:
            places.append((-1, -1))
            continue
        places.append((at, at + len(text)))
        cursor = at + len(text)
    return tuple(places)


def _seconds(turn: Turn, hidden: tuple[mask.CharSpan, ...]) -> list[Span]:
    if not hidden:
        return []
    groups = _groups(hidden)
    places = word_places(turn)
    if not any(a >= 0 for a, _ in places):
        return [(turn.start_s, turn.end_s)]
    found: list[Span] = []
    for start, end in groups:
        inside = [
            w
            for w, (a, b) in zip(turn.words, places, strict=True)
            if a >= 0 and a < end and b > start
        ]
        if inside:
            found.append(
                (
                    round(max(0.0, inside[0].start_s - SILENCE_MARGIN_S), 2),
                    round(inside[-1].end_s + SILENCE_MARGIN_S, 2),
                )
            )
        else:
            found.append((turn.start_s, turn.end_s))
    return found


def _groups(hidden: tuple[mask.CharSpan, ...]) -> list[tuple[int, int]]:
    """Masked characters that stand within four of one another are one stretch of sound."""
    groups: list[tuple[int, int]] = []
    for start, end in sorted(hidden):
        if groups and start - groups[-1][1] <= mask.PIECE_GAP:
            groups[-1] = (groups[-1][0], max(end, groups[-1][1]))
        else:
            groups.append((start, end))
    return groups
