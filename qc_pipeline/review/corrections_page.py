"""The page of corrections beside a published report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from qc_pipeline.report.words.catalog import texts_under
from qc_pipeline.report.words.stage import version_line
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.review.finalise import final_facts
from qc_pipeline.review.published_report import CORRECTIONS, published_cards, report_folder
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.card_sources import calls_by_hash
from qc_pipeline.store.corrections import corrections_of
from qc_pipeline.store.decisions import KeptDecision, decisions_of
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.publications import Publication, finalised, publications_of, published
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
    language = settings.report.language
    text, final = texts_under(language, "corrections"), finalised(record, period)
    intro = text["intro"].format(day=public.day)
    if final is not None:
        line = version_line(final_facts(final), Translator(language))
        intro = text["intro_final"].format(day=public.day, final_day=final.day, line=line)
    page = render(
        HERE / CORRECTIONS,
        language=language,
        t=text,
        period=period,
        intro=intro,
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
