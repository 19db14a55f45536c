"""The page of corrections beside a published report."""

from __future__ import annotations

from pathlib import Path

from qc_pipeline.report.words.catalog import texts_under
from qc_pipeline.report.words.stage import version_line
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.review.corrected_since import steps_since
from qc_pipeline.review.finalise import final_facts
from qc_pipeline.review.published_report import CORRECTIONS, published_cards, report_folder
from qc_pipeline.review.told_changes import told_call
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.card_sources import calls_by_hash
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.publications import Publication, finalised, publications_of, published
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
    t = Translator(language)
    text, final = texts_under(language, "corrections"), finalised(record, period)
    intro = text["intro"].format(day=public.day)
    if final is not None:
        line = version_line(final_facts(final), t)
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
                "notices": _notices(record, public, k),
                "told": told_call(t, former[k], now[k], steps_since(record, period, former[k])),
            }
            for k in sorted(now)
        ],
    )
    path = folder / CORRECTIONS
    write_text(path, page)
    return path


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
