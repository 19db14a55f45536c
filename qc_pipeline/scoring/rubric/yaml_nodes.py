"""YAML text → a tree whose every node knows its line and column.

The parser is libyaml's (by PyYAML, its events only): it is thirty times faster than a round trip
in Python, and a rubric is read at the start of every command. What the events mean is decided
here: the YAML 1.2 core schema, except that nothing is guessed that could lose what was written.
`yes`, `010` and a number of more than fifteen digits stay text; keys are always text. Duplicate
keys are collected, all of them. Anchors, tags and several documents are refused: a rubric has its
own names (`$name`), and one reference may not grow into millions of nodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml  # type: ignore[import-untyped]

from qc_pipeline.errors import Problem

MAX_DEPTH = 40
MAX_CHARS = 2_000_000

_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,14})")
_FLOAT = re.compile(r"[-+]?((0|[1-9][0-9]{0,14})\.[0-9]{0,15}|\.[0-9]{1,15})([eE][-+]?[0-9]{1,2})?")
_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True, kw_only=True)
class Node:
    """A value with its place. `line` and `column` count from 1.

    `map`: `entries` maps the key as written to its value, `keys` to the key's own node. `seq`:
    `items`. `scalar`: `value`, and in `raw` what was written. `done`: `value` is an object that
    was built before (a named condition).
    """

    kind: Literal["map", "seq", "scalar", "done"]
    line: int
    column: int
    value: Any = None
    raw: str = ""
    quoted: bool = False
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Node] = field(default_factory=dict)

    def plain(self) -> Any:
        """The value alone: dict, tuple, str, int, float, bool, None."""
        if self.kind == "map":
            return {key: node.plain() for key, node in self.entries.items()}
        if self.kind == "seq":
            return tuple(node.plain() for node in self.items)
        return self.value

    def get(self, key: str) -> Node | None:
        return self.entries.get(key)

    def number(self) -> float | None:
        """The value where it is a number (true and false are none)."""
        ok = self.kind == "scalar" and type(self.value) in (int, float)
        return float(self.value) if ok else None

    def text(self) -> str | None:
        return self.value if self.kind == "scalar" and isinstance(self.value, str) else None

    def shown(self) -> str:
        """What was written, short, for a message."""
        if self.kind == "map":
            return "a mapping" if self.entries else "{}"
        if self.kind == "seq":
            return "a list" if self.items else "[]"
        if self.kind == "done":
            return "a condition"
        text = self.raw if not self.quoted else f'"{self.raw}"'
        text = text.replace("\n", " ")
        if not text:
            return "nothing"
        return text if len(text) <= 60 else text[:57] + "…"

    def problem(self, path: str, message: str, **more: Any) -> Problem:
        return Problem(path=path, message=message, line=self.line, column=self.column, **more)


def read_tree(text: str, path: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """The tree of `text`, and what is wrong with it as YAML; no tree where it is no YAML at all."""
    if len(text) > MAX_CHARS:
        found = f"{len(text)} characters"
        problem = Problem(path=path, message="the file is too long", found=found)
        return None, (problem,)
    composer = _Composer(path)
    try:
        text.encode()
        root = composer.document(yaml.parse(text, Loader=_PARSER))
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        message = "a character that no text may hold"
        return None, (
            Problem(path=path, message=message, line=line, found=repr(text[error.start])),
        )
    except yaml.reader.ReaderError as error:
        # libyaml counts bytes, the reader in Python characters; the character itself is certain.
        code = error.character if isinstance(error.character, int) else ord(error.character[:1])
        message = "a control character; delete it"
        return None, (_at_character(text, path, chr(code), message),)
    except yaml.MarkedYAMLError as error:
        return None, (*composer.problems, _syntax(error, text, path))
    except _StopError:
        return None, tuple(composer.problems)
    return root, tuple(composer.problems)


def _at_character(text: str, path: str, character: str, message: str) -> Problem:
    at = text.find(character)
    if at < 0:
        return Problem(path=path, message=message, found=repr(character))
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return Problem(path=path, message=message, line=line, column=column, found=repr(character))


def _syntax(error: yaml.MarkedYAMLError, text: str, path: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else None
    column = mark.column + 1 if mark else None
    what = str(error.problem or error.context or "cannot be read")
    hint = None
    lines = text.split("\n")
    source = lines[mark.line] if mark and mark.line < len(lines) else ""
    if "\t" in source:
        hint = "YAML is indented by spaces; replace the tabulator"
    elif "：" in source or "，" in source or "：" in _line(lines, error.context_mark):
        hint = "':' and ',' of YAML are the half-width ones, followed by a space"
    elif "mapping values are not allowed" in what or "could not find expected ':'" in what:
        hint = "check the indentation, and put texts with ': ' or ' #' in quotes"
    elif "found character that cannot start any token" in what:
        hint = "put texts that begin with @ ` % or & in quotes"
    elif "expected ',' or ']'" in what or "expected ',' or '}'" in what:
        hint = "a bracket is not closed"
    opened = error.context_mark
    if opened is not None and mark is not None and opened.line < mark.line:
        hint = f"see line {opened.line + 1}, where this part begins" + (f"; {hint}" if hint else "")
    return Problem(
        path=path,
        message=f"not YAML: {what}",
        line=line,
        column=column,
        found=source.strip()[:60] or None,
        hint=hint,
    )


def _line(lines: list[str], mark: Any) -> str:
    return lines[mark.line] if mark is not None and mark.line < len(lines) else ""


_STARTS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


class _StopError(Exception):
    """Reading further would only repeat the mistake."""


class _Composer:
    """Events → nodes, without recursion over what the user nested."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []

    def document(self, events: Iterator[yaml.Event]) -> Node | None:
        root: Node | None = None
        documents = 0
        stack: list[tuple[Node, Node | None]] = []
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents == 2:
                    node = _node(event, "scalar")
                    self.add(node, "a second document; a file holds one", hint="delete the '---'")
                    raise _StopError
            elif isinstance(event, _ENDS):
                node = stack.pop()[0]
                root = self.place(node, stack, root)
            elif isinstance(event, _STARTS):
                kind: Literal["map", "seq"] = (
                    "map" if isinstance(event, yaml.MappingStartEvent) else "seq"
                )
                node = self.checked(event, _node(event, kind))
                if len(stack) >= MAX_DEPTH:
                    self.add(node, f"nested more than {MAX_DEPTH} deep")
                    raise _StopError
                stack.append((node, None))
            elif isinstance(event, yaml.ScalarEvent):
                root = self.place(self.checked(event, _scalar(event)), stack, root)
            elif isinstance(event, yaml.AliasEvent):
                node = _node(event, "scalar")
                self.add(
                    node,
                    "references (*) are not used in rubrics",
                    found=f"*{event.anchor}",
                    hint="name the list under 'phrases' and write $name",
                )
                root = self.place(node, stack, root)
        return root

    def place(
        self, node: Node, stack: list[tuple[Node, Node | None]], root: Node | None
    ) -> Node | None:
        if not stack:
            return node
        parent, key = stack[-1]
        if parent.kind == "seq":
            parent.items.append(node)
        elif key is None:
            stack[-1] = (parent, node)
        else:
            stack[-1] = (parent, None)
            self.entry(parent, key, node)
        return root

    def entry(self, parent: Node, key: Node, value: Node) -> None:
        if key.kind != "scalar":
            self.add(key, "a key is a word", found=key.shown(), hint="check the brackets")
            return
        if key.raw in parent.entries:
            first = parent.keys[key.raw].line
            message = f"the key '{key.raw}' is there twice"
            self.add(key, message, hint=f"the first one is in line {first}")
            return
        parent.entries[key.raw] = value
        parent.keys[key.raw] = key

    def checked(self, event: yaml.NodeEvent, node: Node) -> Node:
        if event.anchor is not None:
            self.add(
                node,
                "anchors (&) are not used in rubrics",
                found=f"&{event.anchor}",
                hint="name the list under 'phrases' and write $name",
            )
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            self.add(node, "tags (!) are not used in rubrics", found=str(tag))
        return node

    def add(self, node: Node, message: str, **more: Any) -> None:
        self.problems.append(node.problem(self.path, message, **more))


def _node(event: yaml.Event, kind: Literal["map", "seq", "scalar"]) -> Node:
    mark = event.start_mark
    return Node(kind=kind, line=mark.line + 1, column=mark.column + 1)


def _scalar(event: yaml.ScalarEvent) -> Node:
    node = _node(event, "scalar")
    node.raw = event.value
    node.quoted = bool(event.style)
    node.value = event.value if node.quoted else _meaning(event.value)
    return node


def _meaning(text: str) -> str | int | float | bool | None:
    """A plain scalar by the core schema of YAML 1.2; text where a number would lose digits."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
