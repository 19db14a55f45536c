"""Phrases that can never be found, whatever is said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qc_pipeline.errors import Problem
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.said_phrase import Said
from qc_pipeline.scoring.operators.similar import Similar
from qc_pipeline.scoring.rubric.model import Rubric
from qc_pipeline.scoring.rubric.yaml_nodes import Node
from qc_pipeline.text.gapped_wordings import part_size
from qc_pipeline.text.phrase_patterns import PatternError, is_pattern, wordings

# What people write between two wordings of one entry. 或许 and 或者说 are words.
_ZH_SIGNS = re.compile(r"[，,、/／；;]|或(?!许|者说)")
_EN_SIGNS = re.compile(r"[/;；、，]")
_BRACKETS = re.compile(r"[()（）]")
LEAST_KEY = {"zh": 2, "en": 1}
"""Syllables (words) of the part of a wording with gaps that is looked for."""


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
            continue
        yield from _pattern_problems(text, rubric.language, root, path)
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
    return None


def _pattern_problems(text: str, language: str, root: Node, path: str) -> Iterator[Problem]:
    """A pattern that is none, and signs that people write for one."""
    try:
        ways = wordings(text)
    except PatternError as error:
        for node in _written(root, text):
            yield node.problem(path, str(error), found=text, hint=error.hint)
        return
    if "|" in text.replace("｜", "|") and not is_pattern(text):
        for node in _written(root, text):
            yield node.problem(
                path,
                "this phrase can never be found",
                found=text,
                hint="'|' parts alternatives in brackets, (a|b), and wordings in scripts",
            )
        return
    least = LEAST_KEY[language]
    for way in ways:
        if len(way.parts) > 1 and max(part_size(p, language) for p in way.parts) < least:
            for node in _written(root, text):
                yield node.problem(
                    path,
                    "a wording with gaps has one part of two syllables at least",
                    found=way.text,
                )
            return
    for sign, hint in _signs(text, language):
        for node in _written(root, text)[:1]:
            yield node.problem(
                path,
                f"'{sign}' does not part wordings inside a phrase",
                found=text,
                hint=hint,
                severity="warning",
            )


def _signs(text: str, language: str) -> Iterator[tuple[str, str]]:
    separators = _EN_SIGNS if language == "en" else _ZH_SIGNS
    found = separators.search(text)
    if found is not None:
        yield found[0], "write two entries of the list, or (a|b)"
    elif _BRACKETS.search(text) and not is_pattern(text):
        yield "()", "brackets without '|' are dropped; (a|) is a part that may be missing"


def _cancelled(said: Said) -> Iterator[tuple[str, str]]:
    """A phrase with the `unless` phrase that stands inside it."""
    cancels = [(cancel, _bares(cancel)) for cancel in said.unless or ()]
    for phrase in said.wanted:
        own = _bares(phrase)
        for cancel, bares in cancels:
            # Of a pattern every wording must be cancelled before it can never be found.
            if own and bares and all(any(bare in one for bare in bares) for one in own):
                yield phrase, cancel


def _bares(text: str) -> tuple[str, ...]:
    """The wordings of a phrase without signs; of one with gaps none, it may hold anything."""
    try:
        ways = wordings(text)
    except PatternError:
        return ()
    if any(len(way.parts) > 1 for way in ways):
        return ()
    bare = ["".join(c for c in way.parts[0].casefold() if c.isalnum()) for way in ways]
    return tuple([b for b in bare if b])


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
