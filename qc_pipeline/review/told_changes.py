"""What became another on a call since publication, in words: line by line, why, and by whom.

A red line that nobody confirmed is named nowhere: it is a question to a person, and on a page that
agents read it would stand there as an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qc_pipeline.report.words.translate import Translator
from qc_pipeline.review.corrected_since import StepSince
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
from qc_pipeline.store.decisions import KeptDecision
from qc_pipeline.text.masking.mask import mask


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldChange:
    """One criterion: what it cost when published and costs now, in words; why and by whom."""

    title: str
    was: str
    now: str
    why: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldCall:
    """A call whose card is another than the published one. `sentences` say what happened where no
    criterion differs.
    """

    before: str
    after: str
    rows: tuple[ToldChange, ...]
    sentences: tuple[str, ...]


def told_call(
    t: Translator, before: Scorecard, after: Scorecard, steps: Sequence[StepSince]
) -> ToldCall:
    """What is told of a call; `steps` led from the one card to the other."""
    rows = tuple(_rows(t, before, after, steps))
    return ToldCall(
        before=_total(t, before),
        after=_total(t, after),
        rows=rows,
        sentences=() if rows else tuple(_sentences(t, before, after, steps)),
    )


def _total(t: Translator, card: Scorecard) -> str:
    """The total; of a card that a red line zeroes which nobody confirmed, that it waits."""
    open_red_line = any(c.severity == "fatal" and c.proposed for c in card.criteria())
    if open_red_line:
        return t("corrections.waits")
    return "–" if card.total is None else f"{card.total:.2f}"


def _rows(
    t: Translator, before: Scorecard, after: Scorecard, steps: Sequence[StepSince]
) -> Iterator[ToldChange]:
    former = {c.id: c for c in before.criteria()}
    later = {c.id: c for c in after.criteria()}

    def named(criterion: str) -> str:
        return _named(t, criterion, before, after)

    for name in [*later, *(k for k in former if k not in later)]:
        old, new = former.get(name), later.get(name)
        if _line(old) == _line(new):
            continue
        why, by = _cause(t, name, before, steps, named)
        yield ToldChange(
            title=_title(t, old, new),
            was=_cost(t, old),
            now=_cost(t, new),
            why=_covered(t, old, new, named) + why,
            by=by,
        )


def _line(result: CriterionResult | None) -> tuple[Verdict, float] | None:
    return None if result is None else (result.verdict, result.lost)


def _stands(result: CriterionResult | None) -> bool:
    """Whether a finding stands: not one that is only proposed, held or on trial."""
    return (
        result is not None
        and result.verdict is Verdict.FAIL
        and not result.proposed
        and not result.trial
    )


def _title(t: Translator, *results: CriterionResult | None) -> str:
    """A criterion's title; of a red line that stood in none of the cards that it waits."""
    shown = next(r for r in reversed(results) if r is not None)
    if shown.severity == "fatal" and not any(map(_stands, results)):
        return t("corrections.unconfirmed")
    return shown.title


def _cost(t: Translator, result: CriterionResult | None) -> str:
    if result is None:
        return "–"
    if result.severity == "fatal" and result.proposed:
        return t("corrections.waits")
    return f"{result.lost:g}"


def _named(t: Translator, criterion: str, *cards: Scorecard) -> str:
    """How a criterion is called, by the cards before and after."""
    results = [_of(card, criterion) for card in cards]
    return criterion if not any(results) else _title(t, *results)


def _covered(
    t: Translator,
    old: CriterionResult | None,
    new: CriterionResult | None,
    named: Callable[[str], str],
) -> str:
    """One fact costs once: where another criterion deducts for the same words, or did."""
    now = None if new is None else new.covered_by
    then = None if old is None else old.covered_by
    if now == then:
        return ""
    key = "corrections.covered" if now is not None else "corrections.uncovered"
    return t(key, title=named(now or then or "")) + t.gap


def _cause(
    t: Translator,
    criterion: str,
    before: Scorecard,
    steps: Sequence[StepSince],
    named: Callable[[str], str],
) -> tuple[str, str]:
    """(why, by whom) of the step by which a criterion became what it is last."""
    stood = _line(_of(before, criterion))
    last: StepSince | None = None
    for step in steps:
        stands = _line(_of(step.card, criterion))
        if stands != stood:
            last = step
        stood = stands
    if last is None:
        return t("corrections.by_itself"), "–"
    return _step_told(t, last, criterion, named)


def _of(card: Scorecard, criterion: str) -> CriterionResult | None:
    return next((c for c in card.criteria() if c.id == criterion), None)


def _step_told(
    t: Translator, step: StepSince, criterion: str | None, named: Callable[[str], str]
) -> tuple[str, str]:
    """(why, by whom) of a step; with a criterion that it changed, whether it was meant. `named`
    gives the titles of others.
    """
    if step.words is not None:
        why = t("corrections.by_words", reason=_reason(t, str(step.words.get("reason", ""))))
        return why, _by(t, step.words.get("person"), step.words.get("for"))
    if step.rubric is not None:
        made = step.rubric
        rubric = f"{step.card.rubric_id} {step.card.rubric_version}"
        why = t("corrections.by_rubric", rubric=rubric, reason=_reason(t, made.reason))
        return why, _by(t, made.person, made.on_behalf_of)
    meant = {k.decision.criterion: k for k in step.decisions}
    kept = meant.get(criterion) or meant.get(None)
    if kept is not None:
        return _decision_told(t, kept), _by(t, kept.decision.person, kept.on_behalf_of)
    if not meant:
        return t("corrections.by_itself"), "–"
    kept = step.decisions[-1]
    meant_by = kept.decision.criterion
    title = t("corrections.whole") if meant_by is None else named(meant_by)
    why = t("corrections.follows", title=title, reason=_decision_told(t, kept))
    return why, _by(t, kept.decision.person, kept.on_behalf_of)


def _decision_told(t: Translator, kept: KeptDecision) -> str:
    """Why it was decided so: what was written, else the word for it, else the verdict."""
    decision = kept.decision
    if decision.reason.strip():
        reason = mask(decision.reason)
    elif decision.cause is not None:
        reason = t(f"review.causes.{decision.cause}")
    else:
        reason = t(f"decided_as.{decision.verdict}")
    if kept.source == "objection":
        return t("corrections.by_objection", n=kept.objection or "", reason=reason)
    if kept.source == "rule":
        return t("corrections.by_rule", reason=reason)
    if kept.source == "alike":
        return t("corrections.by_alike", reason=reason)
    return reason


def _reason(t: Translator, text: str) -> str:
    return mask(text) if text.strip() else t("corrections.no_reason")


def _by(t: Translator, person: object, on_behalf_of: object = None) -> str:
    if not person:
        return "–"
    if not on_behalf_of:
        return str(person)
    return t("case.on_behalf", person=person, other=on_behalf_of)


def _sentences(
    t: Translator, before: Scorecard, after: Scorecard, steps: Sequence[StepSince]
) -> Iterator[str]:
    """What happened where every criterion says and costs what it did."""
    changed = []
    if _total(t, before) != _total(t, after):
        changed.append(t("corrections.total_too", before=_total(t, before), after=_total(t, after)))
    if before.band != after.band and _total(t, after) != t("corrections.waits"):
        bands: Mapping[str, str] = {"before": before.band or "–", "after": after.band or "–"}
        changed.append(t("corrections.band_too", **bands))
    yield t("corrections.no_criterion") + t.gap + t.gap.join(changed)
    told: list[str] = []

    def named(criterion: str) -> str:
        return _named(t, criterion, before, after)

    for step in steps:
        meant = {k.decision.criterion for k in step.decisions} or {None}
        for criterion in sorted(meant, key=lambda c: c or ""):
            why, by = _step_told(t, step, criterion, named)
            if criterion is not None and step.words is None and step.rubric is None:
                title = named(criterion)
                told.append(t("corrections.decided_too", title=title, reason=why, by=by))
            else:
                told.append(t("corrections.step", reason=why, by=by))
    yield from dict.fromkeys(told)
