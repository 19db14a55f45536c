"""docs/rubrics.md says what is there: counts of criteria, and ids in the table of requirements."""

from __future__ import annotations

import re
from pathlib import Path

from qc_pipeline.scoring.rubric.files import read_rubric

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


def criteria_in_the_table() -> dict[str, set[str]]:
    """By rubric: the ids that the table of requirements names for it."""
    table = TEXT.split("| requirement | criteria |")[1].split("\n\n")[0]
    found: dict[str, set[str]] = {name: set() for names in FILES.values() for name in names}
    for row in table.splitlines()[2:]:
        for which, listed in re.findall(r"((?:[ico] ?)+): ([a-z, -]+)", row.split("|")[2]):
            words = {w for part in listed.split(",") if (w := part.strip())}
            for name in (n for key in which.split() for n in FILES[key]):
                found[name] |= {w for w in words if re.fullmatch(r"[a-z]+(-[a-z]+)*", w)}
    return found


def test_the_table_of_requirements_names_every_criterion_of_every_rubric_and_no_other() -> None:
    assert criteria_in_the_table() == {
        name: ids(name) for names in FILES.values() for name in names
    }


def test_every_requirement_has_a_line() -> None:
    table = TEXT.split("| requirement | criteria |")[1].split("\n\n")[0]
    for word in (
        "civil words", "listening", "pace", "loudness", "tone", "first-asked", "tell once",
        "time limits", "complaints", "confidentiality", "escalation", "closing", "2.1", "2.2",
    ):  # fmt: skip
        assert f"| {word}" in table, word
