"""What `qc rubric coverage` and `qc rubric health` print: the counts of each criterion, then what
follows from them, in one list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from qc_pipeline.cli.tables import TerminalRow, figures, table_lines, texts
from qc_pipeline.cli.wrap import fitted

if TYPE_CHECKING:
    from qc_pipeline.job.rubric_health import CriterionStanding
    from qc_pipeline.scoring.coverage import CriterionCoverage

PHRASES_SHOWN = 8
_COLUMNS = ("failed", "held", "judged", "not appl.", "unscor.")


def coverage_lines(
    rows: Sequence[CriterionCoverage],
    width: int | None = None,
    standings: Mapping[str, CriterionStanding] | None = None,
) -> Iterator[str]:
    """A table of the criteria with what each alone says, and at its end what is to be done; with
    `standings` also what may decide by itself.

    With a width (columns of a terminal) the table is drawn, and lines are broken to fit it.
    """
    cells = [TerminalRow(cells=_cells(row), below=tuple(notes(row))) for row in rows]
    if width is not None:
        heads = (*texts("criterion"), *figures(*_COLUMNS, "fails"))
        yield from table_lines(heads, cells, width)
    else:
        longest = max([len(row.id) for row in rows] + [len("criterion")]) + 2
        yield "criterion".ljust(longest) + "".join(f"{c:>10}" for c in _COLUMNS) + "   fails"
        for one in cells:
            name, *counts, share = one.cells
            yield name.ljust(longest) + "".join(f"{n:>10}" for n in counts) + f"{share:>8}"
            for note in one.below:
                yield f"  {note}"
    yield from to_do_lines(rows, width, standings)


def to_do_lines(
    rows: Sequence[CriterionCoverage],
    width: int | None,
    standings: Mapping[str, CriterionStanding] | None,
) -> Iterator[str]:
    """What is to be done, after an empty line; nothing where that is nothing."""
    done = [*_to_decide_by_itself(standings or {}), *_to_do(rows)]
    if done:
        yield ""
    for line in done:
        yield from fitted(line, width)


def _to_decide_by_itself(standings: Mapping[str, CriterionStanding]) -> Iterator[str]:
    from qc_pipeline.scoring.earned import Autonomy

    def named(standing: Autonomy) -> list[str]:
        return [i for i, s in standings.items() if s.earned.standing is standing]

    groups = (
        ("可自动, in force", [i for i, s in standings.items() if s.since is not None]),
        ("可自动, earned: `qc rubric automatic RUBRIC CRITERION --as NAME` records it",
         [i for i in named(Autonomy.AUTOMATIC) if standings[i].since is None]),
        ("停用, findings do not stand: change the rule first", named(Autonomy.STOPPED)),
        ("待验证, too few of the first 30 stood: change the rule first",
         [i for i in named(Autonomy.UNPROVEN) if standings[i].earned.failed]),
        ("待验证, first looks at findings still wanted",
         [f"{i} {s.earned.more}" for i, s in standings.items()
          if s.earned.standing is Autonomy.UNPROVEN and s.earned.decided and s.earned.more]),
    )  # fmt: skip
    for title, found in groups:
        if found:
            yield f"{title}: {', '.join(found)}"


def _cells(row: CriterionCoverage) -> tuple[str, ...]:
    """The criterion, the figures of `_COLUMNS`, the share that failed."""
    share = "n/a" if row.fail_share is None else f"{row.fail_share:.0%}"
    counts = (row.failed, row.held, row.judged, row.not_applicable, row.unscorable)
    return (row.id, *map(str, counts), share)


def notes(row: CriterionCoverage) -> Iterator[str]:
    """What a criterion's counts say beside them, a line each."""
    if row.manual:
        yield "judged by a person alone"
    if row.precision is not None:
        yield f"listened to: {row.right} right, {row.wrong} wrong ({row.precision:.0%} right)"
    if row.objections.answered:
        yield f"objections: {row.objections.answered} answered, {row.objections.upheld} upheld"
    if row.never_heard:
        shown = ", ".join(row.never_heard[:PHRASES_SHOWN])
        rest = len(row.never_heard) - PHRASES_SHOWN
        more = f" and {rest} more" if rest > 0 else ""
        yield f"never heard ({len(row.never_heard)} of {row.phrases}): {shown}{more}"


def _to_do(rows: Sequence[CriterionCoverage]) -> Iterator[str]:
    from qc_pipeline.scoring.coverage import ENOUGH_CALLS, READY_HITS, WEIGHT_CALLS

    groups = (
        ("never fires (everybody does well, or it cannot be heard: listen to two or three calls)",
         [r.id for r in rows if r.never_fires]),
        ("always fires (nobody does it, or the rule is wrong: listen before it costs points)",
         [r.id for r in rows if r.always_fires]),
        ("other points, by how common the fault is",
         [f"{r.id} {r.points:g} → {r.suggested_points:g}" for r in rows
          if r.suggested_points is not None]),
        ("on trial, ready to be scored", [r.id for r in rows if r.ready_to_be_scored]),
        (f"on trial, findings listened to of {READY_HITS}",
         [f"{r.id} {r.right + r.wrong}" for r in rows if r.trial and not r.ready_to_be_scored]),
        ("errs too often: put it back on trial", [r.id for r in rows if r.should_go_back]),
    )  # fmt: skip
    for title, found in groups:
        if found:
            yield f"{title}: {', '.join(found)}"
    most = max((r.judged for r in rows), default=0)
    if most < ENOUGH_CALLS:
        yield (
            f"never and always are told from {ENOUGH_CALLS} judged calls on, other points from "
            f"{WEIGHT_CALLS}; here at most {most}"
        )
    elif most < WEIGHT_CALLS:
        yield f"other points are told from {WEIGHT_CALLS} judged calls on; here at most {most}"
