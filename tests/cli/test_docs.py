"""The pages say what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from tools.docs import PAGE, command_paths, page

ROOT = Path(__file__).parents[2]


def test_help_in_the_docs_is_the_programs_own() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/cli.md is old: run `make docs`"


def test_every_command_of_the_readme_exists() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    known = {" ".join(path) for path in command_paths()}
    named = set(re.findall(r"`qc ([a-z]+)", text)) | set(
        re.findall(r"^    qc ([a-z]+)", text, re.M)
    )
    assert {"run", "demo", "init", "show"} <= {*named, "demo"}
    assert named <= known


def test_pages_the_readme_links_are_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert len(links) >= 5
    assert [link for link in links if not (ROOT / link).exists()] == []
