"""三、the headline: how many recordings, their mean, and the totals that reconcile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qc_pipeline.report import formats, stats
from qc_pipeline.report.blocks import Block, Column, SectionView, Sentence, TableBlock
from qc_pipeline.report.health import Health
from qc_pipeline.report.model import Call, ReportModel
from qc_pipeline.report.sections import estimates
from qc_pipeline.report.sections.machine_reference import uncorrected_why
from qc_pipeline.report.sections.not_judged import not_judged_blocks, too_short_blocks
from qc_pipeline.report.two_figures import (
    LEAST_DONE,
    Uncorrected,
    listened_score,
    listening_progress,
    machine_reference,
)
from qc_pipeline.report.weighting import is_raised_for_risk
from qc_pipeline.report.words.light import withheld_why
from qc_pipeline.report.words.translate import Translator


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The figures everything else must agree with.

    sampled = scored + not_judged + too_short + no_total + failed: those with a total, of which too
    little was heard (未评), in which too little was said (通话过短), of which too little could be
    judged, and without a card. scored = counted + mystery + forced + risk (each call in the first
    that fits); `risk` is 0, since calls drawn for their risk count, `raised_for_risk` are those of
    the counted ones.

    `mean`, `passed` and the like are of the counted calls that a person listened to (`listened`)
    and that were chosen for it by chance (`listened_drawn`), None before there are any. Of the
    `chosen` calls that can be listened to `chosen_done` are. `machine_mean` is the machine
    reference, None where `health` withholds it: what the rules alone made of all counted calls
    (`machine_uncorrected`), and what listening showed where it is `machine_corrected`; else
    `machine_why` says why it is not (`two_figures.Uncorrected`). `…_low` and `…_high` are 95 %
    intervals, None where there is none. Each is weighted where the calls' chances differ;
    `plain_mean`, `plain_pass_share` and `machine_plain_mean` (uncorrected) are then the plain
    figures of the same calls, else None.
    """

    sampled: int
    scored: int
    not_judged: int
    too_short: int
    failed: int
    counted: int
    raised_for_risk: int
    listened: int
    listened_drawn: int
    mystery: int
    forced: int
    risk: int
    no_total: int
    provisional: int
    held_items: int
    unseen_items: int
    proposed_items: int
    unjudged_items: int
    fatal_calls: int
    chosen: int
    chosen_done: int
    mean: float | None
    mean_low: float | None
    mean_high: float | None
    mean_without_fatal: float | None
    passed: int
    pass_share: float | None
    pass_low: float | None
    pass_high: float | None
    former_mean: float | None
    former_pass_share: float | None
    machine_mean: float | None
    machine_low: float | None
    machine_high: float | None
    machine_uncorrected: float | None
    machine_corrected: bool
    machine_why: Uncorrected | None
    plain_mean: float | None
    plain_pass_share: float | None
    machine_plain_mean: float | None
    health: Health


def head(model: ReportModel) -> Head:
    counted, heard = model.counted, model.listened_drawn
    cards = model.scored
    scored = [c for c in cards if c.total is not None]
    not_judged = sum(c.unjudged for c in cards)
    too_short = sum(c.lacks_talk for c in cards)
    clean = [c for c in heard if c.card and not c.card.fatal]
    apart = [c for c in scored if not c.counted]
    mystery = sum(c.recording.mystery for c in apart)
    passes = [bool(c.card and c.card.passed) for c in heard]
    past = model.former.calls if model.former else ()
    former = [c for c in past if c.counts and c.listened and c.listened_weight > 0]
    score, progress = listened_score(model), listening_progress(model.calls)
    machine = machine_reference(model)
    former_weights = [c.listened_weight for c in former]
    shown = model.health.shown
    return Head(
        sampled=len(model.calls),
        scored=len(scored),
        not_judged=not_judged,
        too_short=too_short,
        failed=len(model.calls) - len(cards),
        counted=len(counted),
        raised_for_risk=sum(is_raised_for_risk(c.pick) for c in counted),
        listened=len(model.listened),
        listened_drawn=len(heard),
        mystery=mystery,
        forced=len(apart) - mystery,
        risk=0,
        no_total=len(cards) - len(scored) - not_judged - too_short,
        provisional=sum(bool(c.card and c.card.provisional) for c in cards),
        held_items=sum(c.waits(r) for c in cards for r in c.results),
        unseen_items=sum(closed_unseen(c) for c in cards),
        proposed_items=sum(r.proposed for c in cards for r in c.results),
        unjudged_items=sum(
            r.manual and r.verdict == "unscorable" and not c.settled and not c.lacks_talk
            for c in cards
            for r in c.results
        ),
        fatal_calls=sum(bool(c.card and c.card.fatal) for c in cards),
        chosen=progress.chosen,
        chosen_done=progress.done,
        mean=score.mean,
        mean_low=score.low,
        mean_high=score.high,
        mean_without_fatal=stats.mean(_totals(clean), [c.listened_weight for c in clean]),
        passed=sum(passes),
        pass_share=score.pass_share,
        pass_low=score.pass_low,
        pass_high=score.pass_high,
        former_mean=stats.mean([c.total or 0.0 for c in former], former_weights),
        former_pass_share=stats.weighted_share([bool(c.passed) for c in former], former_weights),
        machine_mean=machine.value if shown else None,
        machine_low=machine.low if shown else None,
        machine_high=machine.high if shown else None,
        machine_uncorrected=machine.uncorrected if shown else None,
        machine_corrected=shown and machine.corrected is not None,
        machine_why=machine.why,
        plain_mean=stats.mean(_totals(heard)) if model.listened_weighted else None,
        plain_pass_share=stats.share(sum(passes), len(heard)) if model.listened_weighted else None,
        machine_plain_mean=_plain_machine(counted) if model.weighted and shown else None,
        health=model.health,
    )


def _plain_machine(counted: Sequence[Call]) -> float | None:
    return stats.mean([c.machine_total for c in counted if c.machine_total is not None])


def closed_unseen(call: Call) -> int:
    """Held items of a card that was published before anybody had looked at them."""
    return sum(call.settled and r.verdict == "held" and not r.trial for r in call.results)


def _totals(calls: Sequence[Call]) -> list[float]:
    """The totals of counted calls, which all have one."""
    return [c.total or 0.0 for c in calls]


def build(model: ReportModel) -> tuple[SectionView, ...]:
    t, period, facts = model.words, model.inputs.period, head(model)
    language = t.language
    heading = t(
        "headline_none" if facts.mean is None else "headline",
        start=formats.day(period.start, language),
        end=formats.day(period.end, language),
        n=facts.scored,
        mean=formats.score(facts.mean),
    )
    blocks: list[Block] = [
        Sentence(text=_meaning(model, facts), tone="lead"),
        Sentence(text=_machine(model, facts)),
    ]
    if facts.chosen_done < facts.chosen:
        blocks.append(_unfinished(model, facts))
    if model.audience.sees_groups:
        blocks.append(reconciliation(model, facts))
        blocks += not_judged_blocks(model)
        blocks += too_short_blocks(model)
        blocks += estimates.blocks(model)
    if facts.provisional:
        blocks.append(
            Sentence(
                text=t(
                    "provisional_note",
                    n=facts.provisional,
                    held=facts.held_items,
                    proposed=facts.proposed_items,
                    unjudged=facts.unjudged_items,
                ),
                tone="small",
            )
        )
    return (
        SectionView(
            id="headline", heading=heading, level=2, blocks=tuple(blocks), short=t("nav_headline")
        ),
    )


def _meaning(model: ReportModel, facts: Head) -> str:
    t = model.words
    if facts.mean is None:
        return t("head_none_drawn", n=facts.listened) if facts.listened else t("head_none")
    values = {
        "counted": facts.listened_drawn,
        "mean": formats.score(facts.mean),
        "passed": facts.passed,
        "share": formats.percent(facts.pass_share),
    }
    if facts.plain_mean is None:
        parts = [t("head_sentence", **values)]
    else:
        plain = formats.score(facts.plain_mean)
        plain_share = formats.percent(facts.plain_pass_share)
        parts = [t("head_sentence_weighted", plain=plain, plain_share=plain_share, **values)]
    if facts.mean_low is not None and facts.mean_high is not None:
        parts.append(
            t(
                "head_interval",
                mean=estimates.interval(facts.mean_low, facts.mean_high),
                share=estimates.share_interval(facts.pass_low, facts.pass_high),
            )
        )
    if facts.former_mean is not None:
        difference = facts.mean - facts.former_mean
        key = (
            "head_same" if abs(difference) < 0.005 else "head_up" if difference > 0 else "head_down"
        )
        parts.append(t(key, change=formats.fixed(abs(difference), 2)))
    if facts.fatal_calls and facts.mean_without_fatal is not None:
        parts.append(
            t(
                "head_fatal",
                n=facts.fatal_calls,
                mean=formats.score(facts.mean_without_fatal),
            )
        )
    return t("sentence_joint").join(parts) + t("full_stop")


def _machine(model: ReportModel, facts: Head) -> str:
    """The machine reference, or why it is not given: never a number then."""
    t = model.words
    if facts.health.withheld:
        return t("machine_withheld", why=withheld_why(facts.health, t))
    if facts.machine_mean is None:
        return t("machine_none")
    values = {
        "n": facts.counted,
        "mean": formats.score(facts.machine_mean),
        "basis": t("sentence_joint").join(_basis(model, facts)),
    }
    if facts.machine_plain_mean is None:
        return t("machine_sentence", **values)
    plain = formats.score(facts.machine_plain_mean)
    return t("machine_sentence_weighted", plain=plain, **values)


def _basis(model: ReportModel, facts: Head) -> Iterator[str]:
    """Whether the machine reference is corrected and by how much, else why not; its interval."""
    t, own = model.words, facts.machine_uncorrected
    if facts.machine_corrected and facts.machine_mean is not None and own is not None:
        change = formats.change(facts.machine_mean - own)
        yield t("machine_corrected", n=facts.listened_drawn, own=formats.score(own), change=change)
    else:
        yield t("machine_uncorrected", why=uncorrected_why(model, facts.machine_why))
    if facts.machine_low is not None:
        key = "machine_interval" if facts.machine_corrected else "machine_interval_drawn"
        yield t(key, margin=estimates.interval(facts.machine_low, facts.machine_high))


def _unfinished(model: ReportModel, facts: Head) -> Sentence:
    """How far listening is, while it is not done: what is heard first is no random part of it."""
    t, values = model.words, {"done": facts.chosen_done, "chosen": facts.chosen}
    if facts.chosen_done >= LEAST_DONE * facts.chosen:
        return Sentence(text=t("listening_nearly_done", **values), tone="small")
    least = formats.percent(LEAST_DONE, 0)
    return Sentence(text=t("listening_unfinished", least=least, **values), tone="warn")


def reconciliation(model: ReportModel, facts: Head) -> TableBlock:
    """sampled = scored + not judged + too little judged + failed, and how the scored divide."""
    t = model.words
    rows = [
        (t("sampled"), facts.sampled, t("sampled_is", sum=sampled_sum(t, facts))),
        (t("scored"), facts.scored, t("scored_is", sum=_sum_text(model, facts))),
        (t("counted"), facts.counted, t("counted_is_weighted" if model.weighted else "counted_is")),
    ]
    if facts.raised_for_risk:
        rows.append((t("risk_calls"), facts.raised_for_risk, t("risk_is")))
    rows.append((t("listened_calls"), facts.listened, _listened_is(model, facts)))
    if facts.forced:
        rows.append((t("forced_calls"), facts.forced, t("forced_is")))
    if facts.mystery and model.audience.kind == "manager":
        rows.append((t("mystery_calls"), facts.mystery, t("mystery_is")))
    if facts.not_judged:
        is_published = model.inputs.is_public
        meaning = t("not_judged_is_closed" if is_published else "not_judged_is")
        rows.append((t("not_judged_calls"), facts.not_judged, meaning))
    if facts.too_short:
        rows.append((t("too_short_calls"), facts.too_short, t("too_short_is")))
    if facts.no_total:
        rows.append((t("no_total_calls"), facts.no_total, t("no_total_is")))
    rows.append((t("failed_calls"), facts.failed, t("failed_is")))
    return TableBlock(
        id="reconciliation",
        title=t("reconcile_title"),
        columns=(
            Column(key="what", label=t("col_what")),
            Column(key="calls", label=t("col_calls"), kind="int"),
            Column(key="meaning", label=t("col_meaning")),
        ),
        rows=tuple(rows),
    )


def _listened_is(model: ReportModel, facts: Head) -> str:
    t, n = model.words, facts.listened_drawn
    if model.listened_weighted:
        return t("listened_is_weighted", n=n)
    return t("listened_is") if n == facts.listened else t("listened_is_drawn", n=n)


def sampled_sum(t: Translator, facts: Head) -> str:
    """评分 5 + 未评 1 + 失败 0: what the sampled calls came to; of the kinds between the first and
    the last those that there are none of are left out.
    """
    parts = [f"{t('kpi_part.scored')} {facts.scored}"]
    for key, n in (
        ("not_judged", facts.not_judged),
        ("too_short", facts.too_short),
        ("no_total", facts.no_total),
    ):
        if n:
            parts.append(f"{t(f'kpi_part.{key}')} {n}")
    parts.append(f"{t('kpi_part.failed')} {facts.failed}")
    return " + ".join(parts)


def _sum_text(model: ReportModel, facts: Head) -> str:
    t = model.words
    parts = [f"{t('counted')} {facts.counted}"]
    if facts.forced:
        parts.append(f"{t('forced_calls')} {facts.forced}")
    if facts.mystery:
        label = "mystery_calls" if model.audience.kind == "manager" else "apart_calls"
        parts.append(f"{t(label)} {facts.mystery}")
    return " + ".join(parts)
