"""Phrases that can never be found, whatever is said."""

from __future__ import annotations

from collections.abc import Iterator

from qc_pipeline.errors import Problem
from qc_pipeline.scoring.rubric import Rubric
from qc_pipeline.scoring.yaml_tree import Node


def phrase_problems(rubric: Rubric, root: Node, path: str) -> Iterator[Problem]:
    yield from ()
