"""Phrases that can never be found, whatever is said."""

from __future__ import annotations

from collections.abc import Iterator

from qc_pipeline.errors import Problem
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.said_phrase import Said
from qc_pipeline.scoring.operators.similar import Similar
from qc_pipeline.scoring.rubric.model import Rubric
from qc_pipeline.scoring.rubric.yaml_nodes import Node


def phrase_problems(rubric: Rubric, root: Node, path: str) -> Iterator[Problem]:
    """Phrases that are nothing after normalisation, hold a "|", or are cancelled by `unless`."""
    conditions = [*rubric.conditions.values()]
    for section in rubric.sections:
        conditions += [section.applies] if section.applies else []
        for criterion in section.criteria:
            conditions += [c for c in (criterion.applies, criterion.condition) if c]
    wanted = dict.fromkeys(p.text for c in conditions for p in c.phrases())
    wanted |= dict.fromkeys(p for phrases in rubric.phrases.values() for p in phrases)
    wanted |= dict.fromkeys(
        sentence
        for c in conditions
        for similar in _operators(c)
        if isinstance(similar, Similar)
        for sentence in similar.to
    )
    for text in wanted:
        reason = _never(text, rubric.language)
        if reason:
            for node in _written(root, text):
                yield node.problem(path, "this phrase can never be found", found=text,
                                   hint=reason)  # fmt: skip
    for text in rubric.exact_only:
        if text not in wanted:
            for node in _written(root, text)[:1]:
                yield node.problem(
                    path, "nothing looks for this phrase", found=text, severity="warning"
                )
    seen: set[tuple[str, str]] = set()
    for said in (s for c in conditions for s in _operators(c) if isinstance(s, Said)):
        for pair in _cancelled(said):
            if pair not in seen:
                seen.add(pair)
                for node in _written(root, pair[0])[:1]:
                    yield node.problem(
                        path,
                        f"this phrase can never be found: 'unless' cancels it by '{pair[1]}'",
                        found=pair[0],
                    )


def _never(text: str, language: str) -> str | None:
    if not any(c.isalnum() for c in text):
        return "punctuation is dropped before any match, and nothing is left"
    if language == "en" and not any(c.isalnum() and c.isascii() for c in text):
        return "the rubric's language is en; matched are English words"
    if "|" in text:
        return "'|' parts wordings in scripts only; write [a, b]"
    return None


def _cancelled(said: Said) -> Iterator[tuple[str, str]]:
    """A phrase with the `unless` phrase that stands inside it."""
    for cancel in said.unless or ():
        bare = _bare(cancel)
        for phrase in said.wanted:
            if bare and bare in _bare(phrase):
                yield phrase, cancel


def _bare(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _operators(condition: Operator) -> Iterator[Operator]:
    yield condition
    for part in condition.parts():
        yield from _operators(part)


def _written(node: Node, text: str) -> list[Node]:
    """Every place of the file where a text stands as a value."""
    found: dict[tuple[int, int], Node] = {}
    todo = [node]
    while todo:
        here = todo.pop()
        todo += here.items
        todo += here.entries.values()
        if here.kind == "scalar" and here.value == text:
            found.setdefault((here.line, here.column), here)
    return [found[at] for at in sorted(found)]
