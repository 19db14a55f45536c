"""The page of `qc model try`: the same blocks at a terminal and in a browser.

What a model heard is shown masked; ids as they are at a terminal, masked in the file, which may be
handed on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qc_pipeline.asr.measured_bounds import UNDERSTOOD
from qc_pipeline.asr.model_fitness import Fitness, bound_of
from qc_pipeline.call_fields import customer_names
from qc_pipeline.cli.card_text import clock, plain
from qc_pipeline.cli.tables import TerminalColumn, TerminalRow, figures, table_lines, texts
from qc_pipeline.cli.wrap import fitted
from qc_pipeline.job.trial_figures import PartyFigures, Trial, TriedCall, party_figures
from qc_pipeline.report.words.heard import whole_percents
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.system.html_page import render
from qc_pipeline.text.masked_words import masked_transcript
from qc_pipeline.text.masking.mask import mask_identifier, names_of

TEMPLATE = Path(__file__).with_name("model_trial.html")

_STRETCHES = 3
_LETTERS_LEAST = 4
_SHOWN = 60  # characters of a stretch
_PIPE_WIDTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A title, sentences, and a table with what stands under its rows."""

    title: str
    lines: tuple[str, ...] = ()
    heads: tuple[TerminalColumn, ...] = ()
    rows: tuple[TerminalRow, ...] = ()
    notes: tuple[str, ...] = ()


def trial_lines(trial: Trial, language: str, *, width: int | None) -> Iterator[str]:
    """The page in lines; `width` is the terminal's, None where it is none."""
    columns = width or _PIPE_WIDTH
    for number, block in enumerate(_blocks(trial, Translator(language), masked_ids=False)):
        if number:
            yield ""
        yield from fitted(plain(block.title), columns)
        for line in block.lines:
            yield from fitted(f"  {plain(line)}", columns)
        yield from table_lines(block.heads, block.rows, columns)
        for line in block.notes:
            yield from fitted(f"  {plain(line)}", columns)


def trial_page(trial: Trial, language: str) -> str:
    """The page as a file of its own: HTML without anything from elsewhere."""
    t = Translator(language)
    blocks = list(_blocks(trial, t, masked_ids=True))
    return render(TEMPLATE, language=language, head=blocks[0], blocks=blocks[1:])


def _blocks(trial: Trial, t: Translator, *, masked_ids: bool) -> Iterator[Block]:
    yield Block(
        title=t("trial.title", model=trial.place.name),
        lines=(
            t("trial.verdict", verdict=t(f"trial.fitness.{trial.fitness}")),
            *_reasons(trial, t),
            t.told(trial.machine),
            _on_which(trial, t),
        ),
    )
    yield _heard(trial, t)
    yield Block(title=t("trial.follows"), lines=tuple(_follows(trial, t)))
    yield _calls(trial, t, masked_ids=masked_ids)


def _reasons(trial: Trial, t: Translator) -> Iterator[str]:
    if trial.fitness is Fitness.FIT:
        yield t("trial.reason.fit", consistency=_share(trial.figures.consistency))
    for reason in trial.reasons:
        value = trial.figures.of(reason)
        bound = bound_of(reason, trial.fitness)
        yield t(
            f"trial.reason.{reason}",
            value=_share(value),
            n=trial.figures.words,
            bound=_share(bound),
        )


def _on_which(trial: Trial, t: Translator) -> str:
    minutes = sum(c.transcript.duration_s for c in trial.heard if c.transcript) / 60
    said = t(
        "trial.calls_tried",
        period=trial.period,
        n=len(trial.heard),
        minutes=f"{minutes:.0f}" if minutes >= 1 else f"{minutes:.1f}",
        language=trial.language,
    )
    failed = len(trial.calls) - len(trial.heard)
    return said + (t.gap + t("trial.calls_failed", n=failed) if failed else "")


def _heard(trial: Trial, t: Translator) -> Block:
    heads = (
        *texts(t("trial.col.party")),
        *figures(
            t("trial.col.speech"),
            t("trial.col.heard"),
            t("trial.col.unheard"),
            t("trial.col.confidence"),
            t("trial.col.consistency"),
        ),
    )
    rows = []
    for speaker, party in party_figures(trial.heard).items():
        told = party.words.words > 0
        cells = (
            t(f"speaker.{speaker}"),
            clock(party.speech_s),
            _heard_share(party.heard),
            f"{party.unheard_s:.1f}",
            f"{party.words.confidence:.2f}" if told else "–",
            _share(party.words.consistency) if told else "–",
        )
        rows.append(TerminalRow(cells=cells, below=tuple(_why_unheard(party, t))))
    return Block(
        title=t("trial.heard"), heads=heads, rows=tuple(rows), notes=(t("trial.consistency_is"),)
    )


def _why_unheard(party: PartyFigures, t: Translator) -> Iterator[str]:
    for why, seconds in sorted(party.by_reason_s.items(), key=lambda r: (-r[1], r[0])):
        yield t("unheard_mark", why=t(f"unheard.{why}"), n=f"{seconds:.1f}")


def _follows(trial: Trial, t: Translator) -> Iterator[str]:
    heard = len(trial.heard)
    bounds = trial.bounds
    yield t(
        "trial.doubtful.measured" if bounds.doubtful_measured else "trial.doubtful.usual",
        bound=f"{bounds.doubtful_below:.2f}",
    )
    yield t(
        "trial.least.measured" if bounds.confidence_measured else "trial.least.usual",
        bound=f"{bounds.least_confidence:.2f}",
        share=_share(UNDERSTOOD),
    )
    if heard:
        unjudged = sum(bool(c.not_judged) for c in trial.heard)
        held = sum(c.held for c in trial.heard)
        criteria = sum(c.criteria for c in trial.heard)
        yield t("trial.not_judged", n=unjudged, all=heard, share=_share(unjudged / heard))
        yield t("trial.held", n=held, all=criteria, a_call=f"{held / heard:.1f}")
    if trial.seconds_an_hour is not None and trial.week_hours is not None:
        yield t("trial.speed", s=f"{trial.seconds_an_hour:.0f}")
        yield t(
            "trial.week.drawn" if trial.week.drawn else "trial.week.planned",
            period=trial.period,
            calls=trial.week.calls,
            audio=_time(trial.week.audio_h, t),
            took=_time(trial.week_hours, t),
        )


def _calls(trial: Trial, t: Translator, *, masked_ids: bool) -> Block:
    heads = (
        *texts(t("trial.col.call")),
        *figures(t("trial.col.length"), t("trial.col.heard"), t("trial.col.confidence")),
        *figures(t("trial.col.consistency"), t("trial.col.held")),
        *texts(t("trial.col.not_judged")),
    )
    return Block(
        title=t("trial.each"),
        lines=(t("trial.look"),),
        heads=heads,
        rows=tuple(_call_row(c, t, masked_ids=masked_ids) for c in trial.calls),
    )


def _call_row(call: TriedCall, t: Translator, *, masked_ids: bool) -> TerminalRow:
    name = call.recording.recording_id
    name = mask_identifier(name) if masked_ids else name
    if call.failure is not None or call.transcript is None:
        reason = "" if call.failure is None else t.told(call.failure.reason)
        return TerminalRow(cells=(name, *[""] * 5, t("trial.failed")), below=(reason,))
    hearing = (call.hearing or {}).values()
    speech_s = sum(h.speech_s for h in hearing)
    heard = 1 - sum(h.unheard_s for h in hearing) / speech_s if speech_s else None
    words = call.both
    cells = (
        name,
        clock(call.transcript.duration_s),
        "–" if heard is None else _heard_share(heard),
        f"{words.confidence:.2f}" if words.words else "–",
        _share(words.consistency) if words.words else "–",
        f"{call.held}",
        t.listed(
            [
                t("trial.party_why", party=t(f"speaker.{s}"), why=t(f"trial.unjudged.{why}"))
                for s, why in sorted((call.not_judged or {}).items())
            ]
        ),
    )
    return TerminalRow(cells=cells, below=tuple(_stretches(call, t)))


def _stretches(call: TriedCall, t: Translator) -> Iterator[str]:
    """What was written in a few places: a third and two thirds through, and where it was least
    sure; masked.
    """
    if call.transcript is None:
        return
    names = names_of(customer_names(call.recording))
    turns = [
        turn
        for turn in masked_transcript(call.transcript, names).turns
        if sum(c.isalnum() for c in turn.text) >= _LETTERS_LEAST
    ]
    for place in shown_places([turn.confidence for turn in turns]):
        turn = turns[place]
        text = turn.text if len(turn.text) <= _SHOWN else turn.text[:_SHOWN] + "…"
        sure = "" if turn.confidence is None else f" {turn.confidence:.2f}"
        yield f"{clock(turn.start_s)} {t(f'speaker.{turn.speaker}')}{sure}  {text}"


def shown_places(confidences: Sequence[float | None]) -> list[int]:
    """Which of the turns are shown, by place; fewer than three where there are fewer."""
    count = len(confidences)
    if count <= _STRETCHES:
        return list(range(count))
    least = min(range(count), key=lambda n: (confidences[n] is None, confidences[n] or 0.0, n))
    return sorted({count // 3, 2 * count // 3, least})


def _time(hours: float, t: Translator) -> str:
    if hours >= 1:
        return t("trial.hours", n=f"{hours:.1f}")
    return t("trial.minutes", n=max(1, round(60 * hours)))


def _heard_share(value: float) -> str:
    return f"{whole_percents(value)} %"


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"
