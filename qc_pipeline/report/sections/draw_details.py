"""What else stands about the draw: invalid recordings and who followed, and the risk plan."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from qc_pipeline.message import Message
from qc_pipeline.report.blocks import Block, Column, Sentence, TableBlock, without
from qc_pipeline.report.inputs import ReplacedCall
from qc_pipeline.report.model import ReportModel
from qc_pipeline.report.words.strata import stratum_label
from qc_pipeline.sampling.replace_invalid import BrokenQuota
from qc_pipeline.text.masking import mask


def replaced_blocks(model: ReportModel) -> list[Block]:
    """How many drawn recordings were invalid, why, and which of the reserve took their place."""
    t, made = model.words, model.inputs.replaced
    if not made:
        return []
    counts = Counter(r.reason for r in made)
    told = [
        t("replaced_count", reason=t.or_raw("invalid", reason), n=n)
        for reason, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    followed = sum(r.by is not None for r in made)
    sentence = t("replaced_sentence", n=len(made), reasons=t.listed(told), followed=followed)
    blocks: list[Block] = [Sentence(text=sentence)]
    broken = {(q.of, q.name) for r in made for q in r.broken}
    if broken:
        agents = sum(of == "agent" for of, _ in broken)
        text = t("replaced_broken", agents=agents, strata=len(broken) - agents)
        blocks.append(Sentence(text=text, tone="warn"))
    if model.audience.sees_making:
        # Without probabilities of its own the reserve is one drawn before they were kept.
        sample = model.inputs.sample
        former = sample.reserve and not sample.reserve_probabilities
        table = TableBlock(
            id="replaced",
            title=t("replaced_title"),
            columns=(
                Column(key="recording", label=t("col_recording")),
                Column(key="reason", label=t("col_reason")),
                Column(key="words", label=t("col_in_words")),
                Column(key="by", label=t("col_replaced_by")),
                Column(key="quotas", label=t("col_broken_quotas")),
            ),
            rows=tuple(
                (
                    mask.mask_identifier(r.recording_id),
                    t.or_raw("invalid", r.reason),
                    model.mask(r.text),
                    _follows(model, r),
                    t("broken_joint").join(_told(model, quota) for quota in r.broken),
                )
                for r in made
            ),
            note=t("replaced_note_former" if former else "replaced_note"),
            about=tuple(r.recording_id if r.text else "" for r in made),
        )
        blocks.append(table if broken else without(table, {"quotas"}))
    return blocks


def _follows(model: ReportModel, call: ReplacedCall) -> str:
    if call.by is not None:
        return mask.mask_identifier(call.by)
    return model.words("never_replaced" if call.apart else "nobody_left")


def _told(model: ReportModel, quota: BrokenQuota) -> str:
    name = mask.mask_identifier(quota.name) if quota.of == "agent" else quota.name
    return model.words.told(replace(quota, name=name).message)


def risk_blocks(model: ReportModel) -> list[Block]:
    """Under allocation by risk: the conditions with their multipliers, and the rates planned."""
    t, sample = model.words, model.inputs.sample
    if not sample.risk:
        return []
    conditions = TableBlock(
        id="risk-conditions",
        title=t("risk_conditions_title"),
        columns=(
            Column(key="name", label=t("col_risk_name")),
            Column(key="multiplier", label=t("col_multiplier"), kind="points"),
            Column(key="frame", label=t("in_frame"), kind="int"),
        ),
        rows=tuple((t.or_raw("risk", r.name), r.multiplier, r.frame) for r in sample.risk),
        note=t("risk_conditions_note"),
    )
    plan = TableBlock(
        id="risk-plan",
        title=t("risk_plan_title"),
        columns=(
            Column(key="stratum", label=t("col_stratum")),
            Column(key="class", label=t("col_multiplier")),
            Column(key="frame", label=t("in_frame"), kind="int"),
            Column(key="expected", label=t("col_allocated"), kind="points"),
            Column(key="least", label=t("col_least_rate"), kind="percent"),
            Column(key="most", label=t("col_most_rate"), kind="percent"),
        ),
        rows=tuple(
            (
                stratum_label(t, row.stratum),
                row.risk_class or "×1",
                row.frame,
                row.expected,
                row.least_rate,
                row.most_rate,
            )
            for row in sample.risk_plan
        ),
        folded=True,
    )
    return [conditions, plan]


def outside_reason(model: ReportModel, reason: Message) -> str:
    """Why a recording was outside the frame; the days of a period are no telephone number."""
    told = model.words.told(reason)
    return told if reason.code == "frame.inspected" else mask.mask_identifier(told)
