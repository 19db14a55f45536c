"""A view → a folder of files that opens from disk, written beside and then put in place."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from qc_pipeline.report.blocks import BarChart, Cell, DotChart, LineChart, TableBlock
from qc_pipeline.report.inputs import ClipJob, ClipMaker
from qc_pipeline.report.pages.call import call_page
from qc_pipeline.report.pages.case import case_page
from qc_pipeline.report.pages.sound_profile import talked
from qc_pipeline.report.pages.timeline import timeline
from qc_pipeline.report.view import View
from qc_pipeline.report.write import charts
from qc_pipeline.report.write.clips import ClipPlan, planned_clips
from qc_pipeline.report.write.manifest import held_in_report, manifest_path, write_manifest
from qc_pipeline.report.write.report_json import report_json
from qc_pipeline.report.write.table_rows import NUMERIC, body_rows, total_row, written
from qc_pipeline.report.write.workbook import write_workbook
from qc_pipeline.system.files import fresh_folder
from qc_pipeline.system.html_page import page_environment

TEMPLATES = Path(__file__).parent / "templates"
CLIP_THREADS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A clip that was written."""

    href: str
    start_s: float
    end_s: float
    label: str


def write_report(view: View, folder: Path, make_clip: ClipMaker | None = None) -> None:
    """Write the report into `folder`, replacing what was there.

    Nobody ever sees half a report; on an error the former one stays. `make_clip` cuts one clip (see
    `inputs.ClipJob`), two at a time; without it pages have no sound. Raises OSError where the disk
    fails. Beside the folder lies its manifest.
    """
    with fresh_folder(folder) as fresh:
        clips = _write(view, fresh, make_clip)
        # From here on until it is written anew, the pages themselves say what they hold.
        manifest_path(folder).unlink(missing_ok=True)
    options = view.model.inputs.options
    write_manifest(
        folder,
        kind="report",
        period=view.model.inputs.period.name,
        held=held_in_report(view, {r: [c.href for c in made] for r, made in clips.items()}),
        audience=options.audience,
        unmasked=options.unmasked,
    )


def _write(view: View, folder: Path, make_clip: ClipMaker | None) -> dict[str, list[Clip]]:
    """Returns the clips that were written, by recording."""
    environment = _environment(view)
    index = environment.get_template("index.html")
    (folder / "index.html").write_text(index.render(view=view, prefix=""), encoding="utf-8")
    (folder / "calls").mkdir()
    template = environment.get_template("call.html")
    spoken = talked(view.model)
    clips = _clips(view, folder, make_clip)
    for call in view.calls:
        page = call_page(
            view.model,
            call,
            with_clips=call.recording_id in view.clip_calls,
            spoken=spoken.get(call.recording_id),
        )
        text = template.render(
            page=page,
            clips=clips.get(call.recording_id, ()),
            timeline="" if page.timeline is None else timeline(page.timeline),
            tones=() if page.timeline is None else {m.tone for m in page.timeline.marks},
            prefix="../",
        )
        (folder / call.page).write_text(text, encoding="utf-8")
    if view.agents:
        (folder / "agents").mkdir()
        template = environment.get_template("agent.html")
        for agent in view.agents:
            text = template.render(page=agent, prefix="../")
            (folder / "agents" / f"{agent.key}.html").write_text(text, encoding="utf-8")
    _write_cases(view, folder, environment, clips)
    (folder / "report.json").write_text(report_json(view), encoding="utf-8")
    write_workbook(view, folder / "report.xlsx")
    return clips


def _write_cases(
    view: View, folder: Path, environment: Environment, clips: Mapping[str, Sequence[Clip]]
) -> None:
    """A page for each objection, with the sound of the call's own page."""
    if not view.cases:
        return
    (folder / "appeals").mkdir()
    template = environment.get_template("case.html")
    for case in view.cases:
        sound = clips.get(case.call.recording_id, ()) if case.own else ()
        page = case_page(view.model, case, with_sound=bool(sound))
        text = template.render(page=page, clips=sound, prefix="../")
        (folder / case.page).write_text(text, encoding="utf-8")


def clip_plans(view: View) -> list[ClipPlan]:
    """Every clip of the report, in the order of the calls."""
    return [
        plan
        for call in view.calls
        if call.recording_id in view.clip_calls
        for plan in planned_clips(view.model, call)
    ]


def _clips(view: View, folder: Path, make_clip: ClipMaker | None) -> dict[str, list[Clip]]:
    """The clips of the calls that get some, by recording; cut on two cores, where there are."""
    plans = clip_plans(view)
    if make_clip is None or not plans:
        return {}
    place = folder / "clips"
    place.mkdir()
    jobs = [
        ClipJob(
            recording_id=plan.recording_id,
            start_s=plan.start_s,
            end_s=plan.end_s,
            silenced=plan.silenced,
            target=place / plan.name,
        )
        for plan in plans
    ]
    with ThreadPoolExecutor(CLIP_THREADS) as pool:
        made = list(pool.map(make_clip, jobs))
    found: dict[str, list[Clip]] = {}
    for plan, path in zip(plans, made, strict=True):
        if path is not None:
            found.setdefault(plan.recording_id, []).append(
                Clip(
                    href=f"clips/{path.name}",
                    start_s=plan.start_s,
                    end_s=plan.end_s,
                    label=plan.label,
                )
            )
    return found


def _environment(view: View) -> Environment:
    environment = page_environment(TEMPLATES)
    style = _squeezed((TEMPLATES / "style.css").read_text(encoding="utf-8"))
    script = (TEMPLATES / "script.js").read_text(encoding="utf-8").strip()
    environment.globals.update(
        w=view.model.words,
        language=view.model.words.language,
        period=view.model.inputs.period.name,
        style=Markup(style),  # noqa: S704  our own file
        script=Markup(script),  # noqa: S704  our own file
        csp=content_policy(style, script),
        numeric=NUMERIC,
        kind_of=lambda block: type(block).__name__,
        written=written,
        body_rows=body_rows,
        total_row=total_row,
        distinct=distinct,
        svg=_svg,
        legend=lambda c: charts.legend(
            c.legend, cumulative=any(b.cumulative is not None for b in c.bars)
        ),
    )
    return environment


def content_policy(style: str, script: str) -> str:
    """Only this page's own style and script run, and only files beside it play."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "media-src 'self' file:; img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _squeezed(style: str) -> str:
    return re.sub(r"\s*\n\s*", "", style)


def _svg(chart: LineChart | BarChart | DotChart) -> Markup:
    match chart:
        case LineChart():
            return charts.line_chart(chart)
        case BarChart():
            return charts.bar_chart(chart)
        case DotChart():
            return charts.dot_chart(chart)


def distinct(table: TableBlock, column: int) -> Sequence[Cell]:
    """The values of a column to choose from, in order of the rows' first."""
    return list(
        dict.fromkeys(
            row[column] for row in table.rows[: table.page_rows] if row[column] not in (None, "")
        )
    )
