"""A wording written into a rubric's list: in place, everything else byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import yaml  # type: ignore[import-untyped]

from qc_pipeline.scoring.rubric.parse import read_rubric_text
from qc_pipeline.scoring.rubric.yaml_nodes import Node, read_tree
from qc_pipeline.text.phrase_patterns import PatternError, wordings

_PLAIN = re.compile(r"[\u3400-\u9fff][\u3400-\u9fffA-Za-z0-9]*")
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class AddError(ValueError):
    """Why a wording cannot be added, in one sentence."""


class _End(NamedTuple):
    """Where an entry of a list ends: line and column from 0; `flow`: the list is in brackets."""

    line: int
    column: int
    flow: bool


def with_wording(text: str, criterion: str, wording: str, like: str | None = None) -> str:
    """The rubric's text with one more wording in the list by which a criterion finds its own: after
    the entry that says `like`, else at the end of its only list. Line ends stay as they are.

    Raises AddError where that cannot be done, or the rubric would have mistakes by it.
    """
    wording = wording.strip()
    try:
        new = {way.text for way in wordings(wording)} if wording else set()
    except PatternError as error:
        raise AddError(f"this cannot be a wording: {error}") from None
    if not new:
        raise AddError("a wording has words")
    root, problems = read_tree(text, "rubric")
    node = None if root is None or problems else _criterion(root, criterion)
    if root is None or node is None:
        raise AddError(f"the rubric's file has no criterion {criterion!r}")
    lists = _lists(root, node)
    if any(new <= _ways(entry) for own in lists for entry in own.items):
        raise AddError(f"“{wording}” stands in its list already")
    entry = _entry(lists, like)
    changed = _inserted(text, entry, wording)
    errors = read_rubric_text(changed, "rubric").errors
    if errors:
        raise AddError(f"with it the rubric would have a mistake: {errors[0].message}")
    return changed


def _criterion(root: Node, name: str) -> Node | None:
    sections = root.get("sections")
    for section in [] if sections is None else sections.items:
        criteria = section.get("criteria")
        for node in [] if criteria is None else criteria.items:
            own = node.get("id")
            if own is not None and own.value == name:
                return node
    return None


def _lists(root: Node, criterion: Node) -> list[Node]:
    """The lists of texts in a criterion's `expect` or `forbid`, and those that it names."""
    conditions = [n for k in ("expect", "forbid") if (n := criterion.get(k)) is not None]
    found: list[Node] = []
    seen: set[str] = set()
    stack = list(reversed(conditions))
    while stack:
        node = stack.pop()
        if node.kind == "seq" and any(item.text() is not None for item in node.items):
            found.append(node)
        for name in _names(node):
            if name not in seen:
                seen.add(name)
                stack += _named(root, name)
        children = [*node.items, *(n for k, n in node.entries.items() if k != "unless")]
        stack += reversed(children)
    return found


def _names(node: Node) -> Iterator[str]:
    """The `$names` that a node uses itself."""
    for one in (node, *node.items):
        text = one.text()
        if text is not None and text.startswith("$"):
            yield text[1:]


def _named(root: Node, name: str) -> Iterator[Node]:
    for kind in ("phrases", "conditions"):
        table = root.get(kind)
        node = None if table is None else table.get(name)
        if node is not None:
            yield node


def _ways(entry: Node) -> frozenset[str]:
    text = entry.text()
    if text is None:
        return frozenset()
    try:
        return frozenset({text, *(way.text for way in wordings(text))})
    except PatternError:
        return frozenset({text})


def _entry(lists: list[Node], like: str | None) -> Node:
    """The entry of a list after which the new one stands."""
    if like is not None:
        found = (e for own in lists for e in own.items if like in _ways(e))
        entry = next(found, None)
        if entry is None:
            raise AddError(f"no list of the criterion holds “{like}”")
        return entry
    own = [one for one in lists if not any(_is_name(e) for e in one.items)]
    if len(own) != 1:
        told = "none" if not own else f"{len(own)} of them"
        raise AddError(f"it has not one list of wordings ({told}); --like says which entry")
    return own[0].items[-1]


def _is_name(entry: Node) -> bool:
    text = entry.text()
    return text is not None and text.startswith("$")


def _inserted(text: str, entry: Node, wording: str) -> str:
    written = wording if _PLAIN.fullmatch(wording) else _quoted(wording)
    end = _end_of(text, entry)
    lines = text.splitlines(keepends=True)
    line = lines[end.line]
    if end.flow:
        lines[end.line] = f"{line[: end.column]}, {written}{line[end.column :]}"
        return "".join(lines)
    first = lines[entry.line - 1]
    dash = first[: entry.column - 1]
    if dash.strip() != "-":
        raise AddError("its list is written in a way that nothing can be added to by itself")
    bare = line.rstrip("\r\n")
    # A last line without its end gets one: a new one cannot stand on it.
    closing = line[len(bare) :] or "\n"
    lines[end.line] = bare + closing
    lines.insert(end.line + 1, dash + written + (closing if line != bare else ""))
    return "".join(lines)


def _quoted(wording: str) -> str:
    escaped = wording.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _end_of(text: str, entry: Node) -> _End:
    """Where the scalar ends that begins at an entry's place."""
    flows: list[bool] = []
    for event in yaml.parse(text, Loader=_PARSER):
        if isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            flows.append(bool(event.flow_style))
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            flows.pop()
        elif isinstance(event, yaml.ScalarEvent):
            start, end = event.start_mark, event.end_mark
            if (start.line + 1, start.column + 1) == (entry.line, entry.column):
                return _End(end.line, end.column, flows[-1])
    raise AddError("its place was not found")
