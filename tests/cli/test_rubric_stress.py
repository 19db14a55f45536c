"""What `qc rubric stress` prints, in a pipe and at a terminal."""

from __future__ import annotations

from qc_pipeline.cli.rubric_stress import stress_lines
from qc_pipeline.scoring.stress import CriterionStress, Flip


def flip(level: float, count: int) -> Flip:
    return Flip(
        level=level, before="pass", after="fail", count=count, example="报[red]名字", reason=""
    )


ROWS = (
    CriterionStress(id="goodbye", title="结束语", judged=20, flips=()),
    CriterionStress(id="greeting", title="开头语", judged=20, flips=(flip(0.05, 1), flip(0.1, 2))),
    CriterionStress(id="silent", title="等待", judged=0, flips=()),
)
TOLD = (
    "pass → fail: what was said was no longer found (or something else was): put in more "
    "wordings and longer ones, or let `expect` be met in more than one way",
    "steady: goodbye",
    "judged in no test: silent",
)


def test_in_a_pipe_columns_are_as_wide_as_the_longest_name() -> None:
    assert list(stress_lines(ROWS, (0.05, 0.1))) == [
        "criterion     judged     5%    10%",
        "greeting          20   5.0%  10.0%",
        "  pass → fail             1      2  “报[red]名字”",
        *TOLD,
    ]


def test_at_a_terminal_an_example_stands_under_its_change() -> None:
    assert list(stress_lines(ROWS, (0.05, 0.1), 60)) == [
        "criterion      judged    5%    10%",
        "─────────────  ──────  ────  ─────",
        "greeting           20  5.0%  10.0%",
        "  pass → fail             1      2",
        "    “报[red]名字”",
        "pass → fail: what was said was no longer found (or something",
        "  else was): put in more wordings and longer ones, or let",
        "  `expect` be met in more than one way",
        *TOLD[1:],
    ]
