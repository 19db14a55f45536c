"""By which rules calls were drawn and are listened to: budget, quotas, slots, seed. Pure."""

from __future__ import annotations

from pydantic import ValidationError

from qc_pipeline.report import formats
from qc_pipeline.report.model import ReportModel
from qc_pipeline.report.words.strata import slot_label
from qc_pipeline.sampling.plan import OTHER_SLOT, SamplingPlan, TimeSlot


def plan_facts(model: ReportModel) -> tuple[tuple[str, str], ...]:
    """Facts of the plan that a sample was drawn by, as (name, text); "" where one says nothing."""
    t, sample = model.words, model.inputs.sample
    try:
        plan = SamplingPlan.from_json(sample.plan)
    except ValidationError:  # a plan of an earlier version of ours
        return ((t("fact_seed"), sample.seed), (t("fact_plan_hash"), sample.plan_sha256))
    return (
        (t("fact_plan"), t.or_raw("allocation", plan.allocation)),
        (t("fact_budget"), _budget(model, plan)),
        (t("fact_quotas"), _quotas(model, plan)),
        (t("fact_listening"), _listening(model, plan)),
        (t("fact_parts"), _parts(model)),
        (t("fact_slots"), _slots(model, plan)),
        (t("fact_seed"), sample.seed),
        (t("fact_seed_origin"), _seed_origin(model)),
        (t("fact_plan_hash"), sample.plan_sha256),
    )


def _budget(model: ReportModel, plan: SamplingPlan) -> str:
    """What the plan asks for: a budget in calls or minutes is one of each inspector, if any."""
    t, people = model.words, max(1, len(plan.inspectors))
    if plan.budget_calls is not None:
        n = plan.budget_calls
        if people == 1:
            return t("budget_calls", n=n)
        return t("budget_calls_each", n=n, people=people, whole=n * people)
    if plan.budget_minutes is not None:
        minutes = formats.points(plan.budget_minutes)
        if people == 1:
            return t("budget_minutes", n=minutes)
        whole = formats.points(plan.budget_minutes * people)
        return t("budget_minutes_each", n=minutes, people=people, whole=whole)
    if plan.machine_hours is not None:
        return t("budget_machine", n=formats.points(plan.machine_hours))
    if plan.allocation == "fixed":
        return ""
    share = plan.as_json()["budget_share"]
    return t("budget_all") if share is None else t("budget_share", n=formats.percent(share, 0))


def _quotas(model: ReportModel, plan: SamplingPlan) -> str:
    t = model.words
    parts: list[str] = []
    if plan.agent_min:
        parts.append(t("quota_agent_min", n=plan.agent_min))
    if plan.agent_share is not None:
        parts.append(t("quota_agent_share", n=formats.percent(plan.agent_share, 0)))
    if plan.agent_max is not None:
        parts.append(t("quota_agent_max", n=plan.agent_max))
    parts.append(t("quota_stratum_min", n=plan.stratum_min))
    if plan.stratum_max is not None:
        parts.append(t("quota_stratum_max", n=plan.stratum_max))
    return t("quota_joint").join(parts)


def _listening(model: ReportModel, plan: SamplingPlan) -> str:
    t, rules, listening = model.words, plan.relisten, plan.listening
    parts: list[str] = []
    if listening.calls_an_agent_a_month is not None:
        parts.append(t("listen_month", n=listening.calls_an_agent_a_month))
    elif rules.agent_min:
        parts.append(t("listen_period", n=rules.agent_min))
    if rules.new_agent_min:
        parts.append(t("listen_new", n=rules.new_agent_min, days=rules.new_agent_days))
    if rules.after_fail:
        mark = formats.points(rules.pass_mark)
        parts.append(t("listen_after_fail", n=rules.after_fail, mark=mark))
    if rules.complaint_share:
        share = formats.percent(rules.complaint_share, 0)
        parts.append(t("listen_complaints", share=share))
    if listening.hours is not None:
        parts.append(t("listen_hours", n=formats.points(listening.hours)))
    return t("quota_joint").join(parts)


def _parts(model: ReportModel) -> str:
    sample = model.inputs.sample
    if not sample.has_parts:
        return ""
    counts = {
        part: sum(p.relisten_part == part for p in sample.picks) for part in ("random", "targeted")
    }
    return model.words("listen_parts", **counts)


def _slots(model: ReportModel, plan: SamplingPlan) -> str:
    t = model.words
    if not plan.slots:
        return ""
    told = [
        t("slot_told", name=slot_label(t, slot.name), when=when)
        if (when := _when(model, slot))
        else slot_label(t, slot.name)
        for slot in plan.slots
    ]
    return t("quota_joint").join([*told, slot_label(t, OTHER_SLOT)])


def _when(model: ReportModel, slot: TimeSlot) -> str:
    t = model.words
    match slot.kind:
        case "clock":
            times = t.listed([f"{start}–{end}" for start, end in slot.windows])
            if not slot.weekdays:
                return times
            days = t.listed([t(f"weekday.{day}") for day in slot.weekdays])
            return t("slot_on_days", days=days, times=times)
        case "busiest":
            hours = model.places.busy.get(slot.name, ())
            return t.listed([f"{h:02}:00–{h + 1:02}:00" for h in hours])
        case _:
            return t("slot_minutes", n=slot.minutes or 30)


def _seed_origin(model: ReportModel) -> str:
    t, sample = model.words, model.inputs.sample
    if sample.seed_origin == "given":
        return t("seed_given", reason=model.mask(sample.seed_reason))
    return t.or_raw("seed", sample.seed_origin) if sample.seed_origin else ""
