"""附四、本报告如何得出: plan, seed, strata, recogniser, rubrics, failures, excluded rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from qc_pipeline.message import Message
from qc_pipeline.report import formats
from qc_pipeline.report.blocks import Block, Cell, Column, Facts, SectionView, Sentence, TableBlock
from qc_pipeline.report.model import Call, ReportModel
from qc_pipeline.report.sections.data_notes import health_table
from qc_pipeline.report.sections.draw_details import (
    outside_reason,
    risk_blocks,
)
from qc_pipeline.report.sections.draw_plan import plan_facts
from qc_pipeline.report.words import reasons
from qc_pipeline.report.words.stage import state_label, version_line
from qc_pipeline.report.words.strata import band_label, slot_label, stratum_label
from qc_pipeline.text.masking import mask

MOST_ROWS = 500


def build(model: ReportModel) -> tuple[SectionView, ...]:
    t, inputs = model.words, model.inputs
    blocks: list[Block] = []
    if inputs.making.is_sample_model:
        blocks.append(Sentence(text=t("sample_model_warning"), tone="warn"))
    blocks.append(Sentence(text=t("making_sentence")))
    blocks.append(Facts(id="making", pairs=_pairs(model)))
    blocks.append(_stage(model))
    if model.audience.sees_groups:
        blocks.append(health_table(model))
    blocks += [
        Sentence(text=_note(model, _of_making(model, n)), tone="small") for n in inputs.making.notes
    ]
    if model.audience.sees_groups:
        blocks.append(_rubrics(model))
        blocks.append(_strata(model))
        blocks += risk_blocks(model)
    if model.audience.sees_making:
        # They may name agents of any group.
        blocks += [
            Sentence(text=_note(model, reasons.note(model, n)), tone="small")
            for n in inputs.sample.notes
        ]
        blocks.append(Sentence(text=t("estimation_method"), tone="small"))
        blocks.append(Sentence(text=t("two_phase_method"), tone="small"))
        failed = [c for c in model.calls if c.failure is not None]
        blocks.append(_failures(model, failed) if failed else Sentence(text=t("failures_none")))
        if inputs.excluded_rows:
            blocks.append(_excluded(model))
        outside = _outside(model)
        if outside.rows:
            blocks.append(outside)
    return (
        SectionView(
            id="making",
            heading=t("making_heading"),
            level=2,
            blocks=tuple(blocks),
            short=t("nav_making"),
        ),
    )


def _of_making(model: ReportModel, note: Message) -> str:
    """A day in words: figures of seven digits and more are masked."""
    t, values = model.words, dict(note.values)
    if "day" in values:
        values["day"] = formats.full_day(date.fromisoformat(str(values["day"])), t.language)
    return t.told(Message.of(note.code, **values))


def _note(model: ReportModel, text: str) -> str:
    """A note of ours: lists of agents' numbers in it are no telephone numbers."""
    return mask.hide(mask.mask_identifier(text), mask.exact_spans(text, model.hidden_names))


def _pairs(model: ReportModel) -> tuple[tuple[str, str], ...]:
    """Facts by name. Hashes and a seed that was made are shown whole; one that somebody chose may
    be anything, a telephone number too.
    """
    t, inputs = model.words, model.inputs
    making, sample = inputs.making, inputs.sample
    pairs = [
        (t("fact_period"), f"{inputs.period.name} ({inputs.period.start} – {inputs.period.end})"),
        (t("fact_state"), _state(model)),
        (t("fact_recogniser"), "" if making.recogniser is None else t.told(making.recogniser)),
        (t("fact_model_hash"), making.model_sha256 or ""),
        (t("fact_list"), making.list_name),
        (t("fact_list_hash"), making.list_sha256),
        (t("fact_zone"), making.zone),
    ]
    if model.audience.sees_groups:
        pairs += [
            *plan_facts(model),
            (t("fact_frame"), t("fact_frame_value", n=sample.frame_size)),
            (t("fact_frame_hash"), sample.frame_sha256),
        ]
    pairs += [(name, making.versions[name]) for name in sorted(making.versions)]
    ours = {sample.seed} if sample.seed_origin == "derived" else set()
    return tuple((a, b if b in ours else mask.mask_identifier(b)) for a, b in pairs if b)


def _state(model: ReportModel) -> str:
    final = model.inputs.final
    if final is None:
        return state_label(model.inputs.state, None, model.words)
    return version_line(final, model.words, scores=model.audience.sees_groups)


def _stage(model: ReportModel) -> TableBlock:
    """Of which stage and version the figures are: a sheet of the workbook, too."""
    t, inputs = model.words, model.inputs
    final = inputs.final
    version = None if final is None else final.version
    rows: list[tuple[Cell, ...]] = [
        (t("fact_period"), inputs.period.name),
        (t("fact_state"), state_label(inputs.state, version, t)),
    ]
    if inputs.is_public:
        rows.append((t("fact_objections"), inputs.deadlines.objections.isoformat()))
    if final is not None:
        line = version_line(final, t, scores=model.audience.sees_groups)
        rows += [(t("fact_final_day"), final.day.isoformat()), (t("fact_version"), line)]
    return TableBlock(
        id="stage",
        title=t("stage_title"),
        columns=(
            Column(key="what", label=t("col_what")),
            Column(key="value", label=t("col_value")),
        ),
        rows=tuple(rows),
    )


def _rubrics(model: ReportModel) -> TableBlock:
    t = model.words
    cards = [c.card for c in model.scored if c.card is not None]
    return TableBlock(
        id="rubrics",
        title=t("rubrics_title"),
        columns=(
            Column(key="title", label=t("col_rubric")),
            Column(key="id", label="ID"),
            Column(key="version", label=t("col_version")),
            Column(key="sha256", label="sha256", kind="hash"),
            Column(key="pass_mark", label=t("pass_mark"), kind="points"),
            Column(key="calls", label=t("col_calls"), kind="int"),
        ),
        rows=tuple(
            (
                r.title,
                r.id,
                r.version,
                r.sha256,
                r.pass_mark,
                sum(c.rubric_sha256 == r.sha256 for c in cards),
            )
            for r in model.inputs.rubrics
        ),
    )


def _strata(model: ReportModel) -> TableBlock:
    t, strata = model.words, model.inputs.sample.strata
    rows: list[tuple[Cell, ...]] = [
        (
            stratum_label(t, s.stratum),
            band_label(t, s.duration_band),
            slot_label(t, s.slot),
            s.frame,
            s.allocated,
            s.drawn,
            s.drawn / s.frame if s.frame else None,
            t.listed([stratum_label(t, name) for name in s.merged_from]),
        )
        for s in strata
    ]
    return TableBlock(
        id="strata",
        title=t("strata_title"),
        columns=(
            Column(key="stratum", label=t("col_stratum")),
            Column(key="length", label=t("kind_length")),
            Column(key="slot", label=t("kind_slot")),
            Column(key="frame", label=t("in_frame"), kind="int"),
            Column(key="allocated", label=t("col_allocated"), kind="points"),
            Column(key="drawn", label=t("col_drawn"), kind="int"),
            Column(key="share", label=t("col_drawn_share"), kind="percent"),
            Column(key="merged", label=t("col_merged")),
        ),
        rows=tuple(rows),
        total=(
            t("sum"),
            "",
            "",
            sum(s.frame for s in strata),
            sum(s.allocated for s in strata),
            sum(s.drawn for s in strata),
            None,
            "",
        ),
        folded=True,
    )


def _failures(model: ReportModel, failed: Sequence[Call]) -> TableBlock:
    t = model.words
    rows: list[tuple[Cell, ...]] = [
        (
            model.identifier(c),
            formats.moment(c.recording.start_time),
            c.team,
            t.or_raw("stage", c.failure.stage),
            mask.mask_identifier(t.told(c.failure.reason)),
        )
        for c in failed
        if c.failure is not None
    ]
    return TableBlock(
        id="failures",
        title=t("failures_title", n=len(rows)),
        columns=(
            Column(key="recording", label=t("col_recording")),
            Column(key="time", label=t("col_time")),
            Column(key="team", label=t("col_team")),
            Column(key="stage", label=t("col_stage")),
            Column(key="reason", label=t("col_reason")),
        ),
        rows=tuple(rows),
        note=t("failures_note"),
    )


def _excluded(model: ReportModel) -> TableBlock:
    t = model.words
    problems = sorted(model.inputs.excluded_rows, key=lambda p: p.sort_key())
    return TableBlock(
        id="excluded",
        title=t("excluded_title", n=len(problems)),
        columns=(
            Column(key="row", label=t("col_row"), kind="int"),
            Column(key="problem", label=t("col_problem")),
            Column(key="found", label=t("col_found")),
            Column(key="allowed", label=t("col_allowed")),
        ),
        rows=tuple(
            (
                p.line,
                mask.mask_identifier(p.message if p.meaning is None else t.told(p.meaning)),
                mask.mask_identifier(model.mask(p.found or "")),
                p.allowed or "",
            )
            for p in problems[:MOST_ROWS]
        ),
        open_rows=20,
    )


def _outside(model: ReportModel) -> TableBlock:
    """Why calls of the list were outside the frame, counted by reason."""
    t = model.words
    counted: dict[str, int] = {}
    gone = {r.recording_id for r in model.inputs.replaced}
    for item in model.inputs.sample.excluded:
        if item.recording_id in gone:
            continue
        reason = outside_reason(model, item.reason)
        counted[reason] = counted.get(reason, 0) + 1
    return TableBlock(
        id="outside",
        title=t("outside_title"),
        columns=(
            Column(key="reason", label=t("col_reason")),
            Column(key="calls", label=t("col_calls"), kind="int"),
        ),
        rows=tuple((r, counted[r]) for r in sorted(counted, key=lambda r: (-counted[r], r))),
    )
