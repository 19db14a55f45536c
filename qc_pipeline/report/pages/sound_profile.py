"""How it was said: the measures of a call, shown beside what a person has to judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qc_pipeline.call import Event, Measures, Speaker, Transcript
from qc_pipeline.report import formats
from qc_pipeline.report.blocks import Cell, Column, TableBlock
from qc_pipeline.report.model import Call, ReportModel
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.scoring.evidence.conversation_measures import conversation, conversations
from qc_pipeline.scoring.evidence.line_gain import call_levels, corrected_difference_db

PARTY_FIGURES = (
    ("talk_s", "1"),
    ("talk_share", "%"),
    ("turns", "0"),
    ("longest_turn_s", "1"),
    ("response_first_s", "1"),
    ("response_median_s", "1"),
    ("response_longest_s", "1"),
    ("silence_after_s", "1"),
    ("silence_after_longest_s", "1"),
    ("interruptions", "0"),
    ("gave_way", "0"),
    ("speech_rate", "0"),
    ("speech_rate_sd", "0"),
    ("speech_rate_change", "±%"),
    ("level_db", "1"),
    ("raised_most_db", "1"),
    ("clipped_share", "%%"),
    ("pitch_hz", "0"),
    ("pitch_range_st", "1"),
    ("voiced_share", "%"),
    ("monotony", "%"),
)
"""A party's measures in the order in which they are told, and how each is written."""

CALL_FIGURES = (
    ("silence_s", "1"),
    ("silence_longest_s", "1"),
    ("silence_untold_longest_s", "1"),
    ("overlap_s", "1"),
    ("level_difference_db", "±1"),
    ("level_difference_corrected_db", "±1"),
    ("music_s", "1"),
    ("ringing_s", "1"),
    ("tone_s", "1"),
    ("keys", "0"),
)
_ONLY_WHERE_HEARD = ("music_s", "ringing_s", "tone_s", "keys")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One measure in words: of both parties, or (`of_call`) one of the call."""

    name: str
    label: str
    agent: str
    customer: str
    of_call: bool = False


def known_measures(
    measures: Measures | None,
    transcript: Transcript | None,
    talked: Measures | None = None,
) -> Measures | None:
    """The measures as kept; where they were taken by older definitions, with those that need no
    sound from the transcript (`talked`, where they are worked out already). None where there is
    neither.
    """
    if transcript is None or not needs_words(measures):
        return measures
    if talked is None:
        talked = conversation(transcript, "" if measures is None else measures.version)
    if measures is None:
        return talked
    speakers = {
        s: {**talked.speakers.get(s, {}), **measures.speakers.get(s, {})}
        for s in Speaker
        if s in talked.speakers or s in measures.speakers
    }
    return Measures(
        version=measures.version, speakers=speakers, call=talked.call, events=talked.events
    )


def needs_words(measures: Measures | None) -> bool:
    """Whether what needs no sound is missing: it was not taken, or by older definitions."""
    return measures is None or not measures.call


def talked(model: ReportModel) -> dict[str, Measures]:
    """By recording: the measures that need no sound, of the shown calls whose own lack them."""
    wanted = {
        c.recording_id: c.transcript
        for c in model.shown
        if c.transcript is not None and needs_words(model.inputs.measures.get(c.recording_id))
    }
    return dict(zip(wanted, conversations(list(wanted.values()), ""), strict=True))


def told(
    measures: Measures, words: Translator, more: Mapping[str, float] | None = None
) -> Iterator[Told]:
    """Every measure that is known, in words; `more` are figures of the call beside its own."""
    for name, form in PARTY_FIGURES:
        values = [measures.get(s, name) for s in Speaker]
        if any(v is not None for v in values):
            agent, customer = ("–" if v is None else written(v, form) for v in values)
            yield Told(name=name, label=words(f"measure.{name}"), agent=agent, customer=customer)
    figures = {**measures.call, **(more or {})}
    for name, form in CALL_FIGURES:
        value = figures.get(name)
        if value is None or (name in _ONLY_WHERE_HEARD and not value):
            continue
        text = written(value, form)
        yield Told(name=name, label=words(f"measure.{name}"), agent=text, customer="", of_call=True)


def written(value: float, form: str) -> str:
    """A figure as people read it: "0", "1" decimals, "%" of a share, "±" with its sign."""
    match form:
        case "%":
            return formats.percent(value, 0)
        case "%%":
            return formats.percent(value, 2)
        case "±%":
            text = formats.percent(value, 0)
            return text if text.startswith(formats.MINUS) or text == "0%" else f"+{text}"
        case "±1":
            return formats.change(value, 1)
        case _:
            return formats.fixed(value, int(form))


def silence_told(event: Event, words: Translator) -> tuple[str, str, str, str]:
    """A long silence: when and how long, after whom, whether told to wait, whether thanked."""

    def yes(name: str) -> str:
        value = event.get(name)
        return "–" if value is None else words("yes" if value else "no")

    start_s, end_s = float(event["start_s"]), float(event["end_s"])
    return (
        f"{formats.clock(start_s)} · {formats.seconds(end_s - start_s)}",
        words(f"speaker.{event['after']}"),
        yes("told_to_wait"),
        yes("thanked_after"),
    )


def sound_tables(
    model: ReportModel, call: Call, spoken: Measures | None = None
) -> tuple[TableBlock, ...]:
    """Every measure of both parties and of the call, and its long silences; what is known.
    `spoken`: what `talked` found for the call.
    """
    kept = model.inputs.measures.get(call.recording_id)
    measures = known_measures(kept, call.transcript, spoken)
    if measures is None:
        return ()
    tables = (_figures(model, call, measures), _silences(model, measures))
    return tuple(table for table in tables if table is not None)


def _figures(model: ReportModel, call: Call, measures: Measures) -> TableBlock | None:
    t = model.words
    rows: list[tuple[Cell, ...]] = [
        (one.label, one.agent, one.customer) for one in told(measures, t, _corrected(model, call))
    ]
    if not rows:
        return None
    return TableBlock(
        id="sound",
        title=t("measures"),
        columns=(
            Column(key="measure", label=t("col_figure")),
            Column(key="agent", label=t("speaker.agent"), kind="right"),
            Column(key="customer", label=t("speaker.customer"), kind="right"),
        ),
        rows=tuple(rows),
        note=t("measures_note"),
        folded=True,
    )


def _silences(model: ReportModel, measures: Measures) -> TableBlock | None:
    t = model.words
    events = measures.events.get("silences", ())
    if not events:
        return None
    return TableBlock(
        id="silences",
        title=t("silences"),
        columns=(
            Column(key="when", label=t("col_silence")),
            Column(key="after", label=t("col_silence_after")),
            Column(key="told", label=t("col_told_to_wait")),
            Column(key="thanked", label=t("col_thanked_after")),
        ),
        rows=tuple(silence_told(e, t) for e in events),
    )


def _corrected(model: ReportModel, call: Call) -> dict[str, float]:
    """The difference in level without what is usual for the agent's line, from this period."""
    one = call_levels(call.agent_id, model.inputs.measures.get(call.recording_id))
    value = None if one is None else corrected_difference_db(one, model.usual_levels)
    return {} if value is None else {"level_difference_corrected_db": value}
