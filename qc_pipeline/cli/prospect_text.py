"""What a plan gives, in lines: kinds of calls beside the frame's, hours of machine and people."""

from __future__ import annotations

from collections.abc import Iterator

from qc_pipeline.cli.card_text import plain
from qc_pipeline.cli.tables import TerminalRow, figures, table_lines, texts
from qc_pipeline.report.words.strata import slot_label
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.sampling.prospect import Prospect, ProspectRow

SLOT = "slot."


def prospect_lines(found: Prospect, language: str, *, width: int | None) -> Iterator[str]:
    """Lines for a terminal of `width` columns in the report's language; piped ones in English."""
    t = Translator(language if width is not None else "en")
    yield t(
        "prospect.calls",
        frame=found.frame,
        drawn=found.drawn,
        listened=found.listened,
        agents=found.agents,
        heard=found.agents_listened,
    )
    rows = [
        TerminalRow(
            cells=(
                _share(row.frame, found.frame),
                _share(row.drawn, found.drawn),
                _share(row.listened, found.listened),
                plain(_name(row, t)),
            )
        )
        for row in found.rows
    ]
    heads = (t("prospect.frame"), t("prospect.drawn"), t("prospect.listened"))
    if width is not None:
        named = (*figures(*heads), *texts(t("prospect.kind")))
        yield from table_lines(named, rows, width)
    else:
        yield "{:>8}{:>10}{:>10}  {}".format(*heads, t("prospect.kind"))
        for one in rows:
            yield "{:>8}{:>10}{:>10}  {}".format(*one.cells)
    if found.machine_hours is None or found.people_hours is None:
        yield t("prospect.no-lengths")
        return
    yield t(
        "prospect.hours",
        machine=f"{found.machine_hours:.1f}",
        people=f"{found.people_hours:.1f}",
        speed=t("prospect.measured" if found.measured else "prospect.unmeasured"),
    )


def _share(calls: int, of: int) -> str:
    return f"{calls / of:.1%}" if of else "–"


def _name(row: ProspectRow, t: Translator) -> str:
    if row.name.startswith(SLOT):
        return slot_label(t, row.name.removeprefix(SLOT))
    return t(f"prospect.{row.name}")
