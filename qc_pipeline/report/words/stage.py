"""The stages of a period in words (初评, 公示, 定稿), and what a figure resting on one is worth."""

from __future__ import annotations

from collections.abc import Iterator

from qc_pipeline.report import formats
from qc_pipeline.report.inputs import CORRECTED_BY, FinalFacts, ReportInputs
from qc_pipeline.report.model import month_before
from qc_pipeline.report.words.translate import Translator


def state_label(state: str, version: int | None, t: Translator) -> str:
    """初评, 初评（复核中）, 公示, 定稿第1版."""
    if state == "final" and version is not None:
        return t("final.named", version=version)
    return t.or_raw("state", state)


def version_line(final: FinalFacts, t: Translator, *, scores: bool = True) -> str:
    """定稿第1版：92.10→92.40，申诉更正2处: the listened score as published and as final, and what
    was corrected between. Without `scores`, for who may not know the centre's, the version alone.
    """
    named = t("final.named", version=final.version)
    if not scores:
        return named
    told = [_scores(final, t), *_corrected(final, t)]
    return t("final.line", named=named, told=t("final.joint").join(told))


def _scores(final: FinalFacts, t: Translator) -> str:
    before, after = formats.score(final.before), formats.score(final.after)
    if final.after is None:
        return t("final.no_score")
    if final.before is None:
        return t("final.first_score", after=after)
    if before == after:
        return t("final.same_score", after=after)
    return t("final.score", before=before, after=after)


def _corrected(final: FinalFacts, t: Translator) -> Iterator[str]:
    if not final.corrected:
        yield t("final.not_corrected")
    for kind in CORRECTED_BY:
        if n := final.corrected.get(kind, 0):
            yield t(f"final.by_{kind}", n=n)


def resting_on(inputs: ReportInputs, t: Translator) -> str:
    """What a person's composed figure rests on: bonuses read 定稿, anything else is a preview."""
    if inputs.final is not None:
        return t("rests_on_final", named=t("final.named", version=inputs.final.version))
    return t("rests_on_published" if inputs.is_public else "rests_on_draft")


def month_rests_on(inputs: ReportInputs, t: Translator) -> str:
    """Which periods the month's figures are made of, each with its stage."""
    own = None if inputs.final is None else inputs.final.version
    before = month_before(inputs)
    used = [p for p in before if inputs.final is None or p.state == "final"]
    named = [_named(p.name, p.state, p.version, t) for p in used]
    named.append(_named(inputs.period.name, inputs.state, own, t))
    if inputs.final is None:
        return t("month_of_all", periods=t.listed(named))
    missing = [_named(p.name, p.state, p.version, t) for p in before if p not in used]
    if missing:
        return t("month_of_final_but", periods=t.listed(named), missing=t.listed(missing))
    return t("month_of_final", periods=t.listed(named))


def _named(name: str, state: str, version: int | None, t: Translator) -> str:
    return t("month_part", period=name, state=state_label(state, version, t))
