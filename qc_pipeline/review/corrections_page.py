"""The page of corrections beside a published report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from qc_pipeline.review.published_report import CORRECTIONS, published_cards, report_folder
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.card_sources import calls_by_hash
from qc_pipeline.store.corrections import corrections_of
from qc_pipeline.store.decisions import KeptDecision, decisions_of
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.publications import Publication, publications_of, published
from qc_pipeline.store.rescorings import ADOPTED, rescorings_of
from qc_pipeline.store.transaction import Reads
from qc_pipeline.system.files import write_text
from qc_pipeline.system.html_page import render
from qc_pipeline.text.masking.mask import mask, mask_identifier
from qc_pipeline.workspace.settings import Settings

HERE = Path(__file__).parent


def write_corrections(record: Reads, settings: Settings, period: str) -> Path | None:
    """Write the page of corrections beside a published report; None where there is no report."""
    public = published(record, period)
    folder = report_folder(settings, period)
    if public is None or not folder.is_dir():
        return None
    former = published_cards(record, public)
    now = {
        k: o
        for k, o in outcomes_of(record, public.sample_seq).items()
        if isinstance(o, Scorecard) and k in former and o.sha256() != former[k].sha256()
    }
    calls = calls_by_hash(record, list(now.values()))
    text = TEXTS[settings.report.language]
    page = render(
        HERE / CORRECTIONS,
        language=settings.report.language,
        t=text,
        period=period,
        day=public.day.isoformat(),
        calls=[
            {
                "name": mask_identifier(k),
                "agent": calls[k].text("agent_name") or "" if k in calls else "",
                "before": _figure(former[k].total),
                "after": _figure(now[k].total),
                "notices": _notices(record, public, k),
                "rows": changes(record, public, former[k], now[k]),
            }
            for k in sorted(now)
        ],
    )
    path = folder / CORRECTIONS
    write_text(path, page)
    return path


def changes(
    record: Reads, public: Publication, before: Scorecard, after: Scorecard
) -> list[dict[str, Any]]:
    """Criterion by criterion: what it cost when published, what it costs now, why, by whom."""
    former = {c.id: c for c in before.criteria()}
    kept = decisions_of(record, public.period, before.recording_id)
    last = {k.decision.criterion: k for k in kept.get(before.recording_id, ())}
    other = _other_changes(record, public, before.recording_id)
    rows = []
    for result in after.criteria():
        old = former.get(result.id)
        if old is not None and (old.verdict, old.lost) == (result.verdict, result.lost):
            continue
        why, by = _cause(last.get(result.id) or last.get(None), other, public)
        rows.append(
            {
                "criterion": result.id,
                "title": result.title,
                "was": "–" if old is None else f"{old.lost:g}",
                "now": f"{result.lost:g}",
                "why": mask(why),
                "by": by,
            }
        )
    return rows


def _other_changes(
    record: Reads, public: Publication, recording_id: str
) -> list[tuple[datetime, str, str]]:
    """(when, why, by whom) words were corrected or another rubric chosen after publication."""
    found = [
        (str(c["at"]), str(c["reason"]), str(c["person"]))
        for c in corrections_of(record, recording_id)
    ]
    found += [
        (r.at, r.reason, r.person)
        for r in rescorings_of(record, recording_id)
        if r.kind == ADOPTED and r.period == public.period
    ]
    since = datetime.fromisoformat(public.at).replace(microsecond=0)
    told = [(datetime.fromisoformat(at), why, by) for at, why, by in found]
    return sorted(row for row in told if row[0] >= since)


def _cause(
    decided: KeptDecision | None, other: Sequence[tuple[datetime, str, str]], public: Publication
) -> tuple[str, str]:
    """Why a criterion differs from the published card: a decision on it, else what else changed."""
    if decided is not None and decided.source != "publish":
        later = datetime.fromisoformat(decided.decision.at) > datetime.fromisoformat(public.at)
        if later or not other:
            return decided.decision.reason, decided.decision.person
    if other:
        return other[-1][1], other[-1][2]
    return "", ""


def _notices(record: Reads, public: Publication, recording_id: str) -> list[dict[str, str]]:
    return [
        {
            "day": p.day.isoformat(),
            "due": p.objections_due.isoformat(),
            "text": mask(str(p.body["text"])),
        }
        for p in publications_of(record, public.period)
        if p.kind == "notice" and p.recording_id == recording_id
    ]


def _figure(total: float | None) -> str:
    return "–" if total is None else f"{total:.2f}"


TEXTS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "title": "发布后更正说明",
        "intro": "本期报告于 {day} 发布,发布的报告保持原样;发布后的更正列在这里。",
        "closed": "发布时未复核,不扣分",
        "back": "返回报告",
        "none": "发布后没有更正。",
        "total": "总分",
        "notice": "更正通知({day}),可在 {due} 当日结束前提出异议:",
        "criterion": "质检项",
        "was": "发布时扣分",
        "now": "现扣分",
        "why": "原因",
        "by": "经办人",
    },
    "en": {
        "title": "Corrections after publication",
        "intro": "The report was published on {day} and stays as it was; what was corrected later"
        " stands here.",
        "closed": "not looked at before publication, not deducted",
        "back": "Back to the report",
        "none": "Nothing was corrected after publication.",
        "total": "total",
        "notice": "Correction notice of {day}, open to objections until the end of {due}:",
        "criterion": "Criterion",
        "was": "Cost when published",
        "now": "Costs now",
        "why": "Why",
        "by": "By",
    },
}
