"""A call's words and its time line: where deductions, silence and talking at once stand. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qc_pipeline.call import Span, Speaker, Transcript
from qc_pipeline.report import formats
from qc_pipeline.report.model import Call, ReportModel
from qc_pipeline.report.pages.timeline import Timeline, TimelineMark
from qc_pipeline.report.words.heard import unheard_lines, unheard_places, unheard_told
from qc_pipeline.scoring.evidence.finding import EvidenceKind, Verdict
from qc_pipeline.scoring.scorecard import CriterionResult
from qc_pipeline.text import masked_words

SILENCE_SHOWN_S = 5.0
OVERLAP_SHOWN_S = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnView:
    """`words` is "offset@seconds …" for the script; `pieces` are (text, tone) with the evidence.

    `unheard`: no turn, but a stretch of speech in its place that has no words.
    """

    index: int
    speaker: str
    label: str
    start: str
    end: str
    at: str
    words: str
    pieces: tuple[tuple[str, str], ...]
    unheard: bool = False


def turn_views(
    model: ReportModel, call: Call, words: masked_words.MaskedWords | None
) -> tuple[TurnView, ...]:
    transcript = call.transcript
    if transcript is None or words is None:
        return ()
    t = model.words
    found = _marked(call, transcript)
    views: list[TurnView] = []
    for i, turn in enumerate(transcript.turns):
        text = words.texts[i]
        places = masked_words.word_places(turn) if turn.words else ()
        views.append(
            TurnView(
                index=i,
                speaker=str(turn.speaker),
                label=t(f"speaker.{turn.speaker}"),
                start=f"{turn.start_s:.2f}",
                end=f"{turn.end_s:.2f}",
                at=formats.clock(turn.start_s),
                words=" ".join(
                    f"{a}@{w.start_s:.2f}"
                    for w, (a, _) in zip(turn.words, places, strict=False)
                    if a >= 0
                ),
                pieces=_pieces(text, found.get(i, ())),
            )
        )
    for i, place in enumerate(unheard_lines(transcript, t)):
        views.append(
            TurnView(
                index=i,
                speaker=str(place.speaker),
                label=place.who,
                start=f"{place.start_s:.2f}",
                end=f"{place.end_s:.2f}",
                at=formats.clock(place.start_s),
                words="",
                pieces=((t("in_brackets", text=place.text), ""),),
                unheard=True,
            )
        )
    # Stable: an unheard stretch stands behind the turn that begins with it.
    return tuple(sorted(views, key=lambda v: float(v.start)))


def _marked(call: Call, transcript: Transcript) -> dict[int, list[tuple[int, int, str]]]:
    """Where the words of deductions and of held items stand: turn → (start, end, tone)."""
    found: dict[int, list[tuple[int, int, str]]] = {}
    for result, tone in _toned(call):
        for evidence in result.evidence:
            turn = evidence.turn
            if evidence.kind is not EvidenceKind.SAID or turn is None or not evidence.quote:
                continue
            if turn >= len(transcript.turns):
                continue
            at = transcript.turns[turn].text.find(evidence.quote)
            if at >= 0:
                found.setdefault(turn, []).append((at, at + len(evidence.quote), tone))
    return found


def _toned(call: Call) -> Iterator[tuple[CriterionResult, str]]:
    """Deductions, and held items that wait for a person: what is marked where it was said."""
    for result in call.results:
        if result.verdict is Verdict.FAIL and not result.trial:
            yield result, "fail"
        elif call.waits(result):
            yield result, "held"


def _pieces(text: str, marks: Sequence[tuple[int, int, str]]) -> tuple[tuple[str, str], ...]:
    if not marks:
        return ((text, ""),)
    pieces: list[tuple[str, str]] = []
    cursor = 0
    for start, end, tone in sorted(marks):
        start = max(start, cursor)
        if end <= start:
            continue
        if start > cursor:
            pieces.append((text[cursor:start], ""))
        pieces.append((text[start:end], tone))
        cursor = end
    if cursor < len(text):
        pieces.append((text[cursor:], ""))
    return tuple(pieces)


def timeline_of(model: ReportModel, call: Call) -> Timeline | None:
    t, transcript = model.words, call.transcript
    if transcript is None:
        return None
    speech = {
        s: transcript.speech.get(s)
        or tuple((u.start_s, u.end_s) for u in transcript.turns if u.speaker is s)
        for s in Speaker
    }
    places = unheard_places(transcript, t)
    # Where nothing was read nobody knows whether it was silent.
    silences = _silences(
        [*speech[Speaker.AGENT], *((p.start_s, p.end_s) for p in places)], speech[Speaker.CUSTOMER]
    )
    marks = [
        TimelineMark(
            start_s=a, end_s=b, tone="silence", title=t("silence_mark", n=formats.seconds(b - a))
        )
        for a, b in silences
    ]
    overlaps = _overlaps(speech[Speaker.AGENT], speech[Speaker.CUSTOMER])
    marks += [
        TimelineMark(
            start_s=a, end_s=b, tone="overlap", title=t("overlap_mark", n=formats.seconds(b - a))
        )
        for a, b in overlaps
    ]
    marks += [
        TimelineMark(
            start_s=place.start_s,
            end_s=place.end_s,
            tone="unheard",
            title=f"{formats.clock(place.start_s)} {t(f'speaker.{place.speaker}')} {place.text}",
            party=str(place.speaker),
        )
        for place in places
    ]
    for result, tone in _toned(call):
        for evidence in result.evidence[:3]:
            marks.append(
                TimelineMark(
                    start_s=evidence.start_s,
                    end_s=evidence.end_s,
                    tone=tone,
                    title=f"{formats.clock(evidence.start_s)} {result.title}",
                )
            )
    envelope = model.inputs.envelopes.get(call.recording_id)
    text = t(
        "timeline_text", n=len(silences), s=formats.points(SILENCE_SHOWN_S), both=len(overlaps)
    )
    missing = unheard_told(transcript, t)
    return Timeline(
        duration_s=transcript.duration_s,
        text=f"{text}{t.gap}{missing}" if missing else text,
        agent_label=t("speaker.agent"),
        customer_label=t("speaker.customer"),
        agent_speech=tuple(speech[Speaker.AGENT]),
        customer_speech=tuple(speech[Speaker.CUSTOMER]),
        agent_levels=() if envelope is None else envelope.agent,
        customer_levels=() if envelope is None else envelope.customer,
        marks=tuple(marks),
    )


def _silences(agent: Sequence[Span], customer: Sequence[Span]) -> list[Span]:
    """Gaps of five seconds and more between the speech of both."""
    found: list[Span] = []
    end: float | None = None
    for start, stop in sorted([*agent, *customer]):
        if end is not None and start - end >= SILENCE_SHOWN_S:
            found.append((end, start))
        end = stop if end is None else max(end, stop)
    return found


def _overlaps(agent: Sequence[Span], customer: Sequence[Span]) -> list[Span]:
    """Stretches of a third of a second and more in which both speak; shorter ones are echo and
    the edges of the speech detector."""
    found = [
        (max(a, c), min(b, d))
        for a, b in agent
        for c, d in customer
        if min(b, d) - max(a, c) >= OVERLAP_SHOWN_S
    ]
    return sorted(found)
