"""docs/rubrics.md says what is there: counts of criteria, and ids in the table of requirements."""

from __future__ import annotations

import re
from pathlib import Path

from qc_pipeline.scoring.rubric_file import read_rubric

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "rubrics.md").read_text(encoding="utf-8")
FILES = {"i": ["inbound-zh", "inbound-en"], "c": ["complaint-zh"], "o": ["outbound-zh"]}


def ids(name: str) -> set[str]:
    return {c.id for c in read_rubric(ROOT / "rubrics" / f"{name}.yaml").criteria()}


def test_the_criteria_of_each_shipped_rubric_are_counted_right() -> None:
    rows = re.findall(
        r"^\| `rubrics/([a-z-]+)\.yaml` \|.*\| (\d+) and (\d+) on trial \|$", TEXT, re.M
    )
    assert len(rows) == len(list((ROOT / "rubrics").glob("*.yaml")))
    for name, scored, trial in rows:
        criteria = list(read_rubric(ROOT / "rubrics" / f"{name}.yaml").criteria())
        assert (int(scored), int(trial)) == (
            sum(c.status == "scored" for c in criteria),
            sum(c.status == "trial" for c in criteria),
        ), name


def test_every_criterion_in_the_table_of_requirements_exists() -> None:
    table = TEXT.split("| requirement | criteria |")[1].split("\n\n")[0]
    found = 0
    for row in table.splitlines()[2:]:
        cell = row.split("|")[2]
        for which, listed in re.findall(r"((?:[ico] ?)+): ([a-z, -]+)", cell):
            for name in (n for key in which.split() for n in FILES[key]):
                known = ids(name)
                for one in (w.strip() for w in listed.split(",")):
                    if re.fullmatch(r"[a-z]+(-[a-z]+)*", one):
                        found += 1
                        assert one in known, f"{name} has no criterion {one}: {row}"
    assert found > 90


def test_every_requirement_has_a_line() -> None:
    table = TEXT.split("| requirement | criteria |")[1].split("\n\n")[0]
    for word in (
        "civil words", "listening", "pace", "loudness", "tone", "first-asked", "tell once",
        "time limits", "complaints", "confidentiality", "escalation", "closing", "2.1", "2.2",
    ):  # fmt: skip
        assert f"| {word}" in table, word
