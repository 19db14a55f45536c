"""`$names`: phrase lists, scripts and conditions that a rubric names once and uses often."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pydantic import ValidationError

from qc_pipeline.errors import Problem, did_you_mean
from qc_pipeline.scoring.operators.call_field import CallField
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.registry import OPERATORS, build
from qc_pipeline.scoring.rubric.allowed_keys import CONDITION, KeySlot, slots, step
from qc_pipeline.scoring.rubric.messages import problems_of
from qc_pipeline.scoring.rubric.yaml_nodes import Node

NAME = re.compile(r"[^\W_][\w-]*")
# Names within names: so many deep, and so much in all, that no rubric of people comes near it.
MAX_DEEP = 40
MAX_PARTS = 5_000
MAX_ENTRIES = 20_000
_CONDITION_KEYS = frozenset(OPERATORS) | frozenset(
    key for o in OPERATORS.values() if o.whole for key in slots(o)
)


class NamedLists:
    """What a rubric's `phrases`, `scripts` and `conditions` name. Collects problems and uses."""

    def __init__(self, root: Node, path: str, language: str) -> None:
        self.path = path
        self.language = language
        self.problems: list[Problem] = []
        self.used: set[tuple[str, str]] = set()
        self._raw = {kind: self._table(root, kind) for kind in ("phrases", "scripts", "conditions")}
        self._lists: dict[tuple[str, str], Node] = {}
        self._conditions: dict[str, Operator] = {}
        self._open: list[tuple[str, str]] = []
        # Sizes by identity; what was measured is kept alive, so that no identity is used again.
        self._sizes: dict[int, tuple[int, int]] = {}
        self._alive: list[Operator] = []

    def _table(self, root: Node, kind: str) -> dict[str, Node]:
        node = root.get(kind)
        if node is None:
            return {}
        if node.kind != "map":
            self.problems.append(
                node.problem(
                    self.path,
                    f"'{kind}' takes names and what they stand for",
                    found=node.shown(),
                    allowed="a mapping",
                )
            )
            return {}
        for name, key in node.keys.items():
            if not NAME.fullmatch(name):
                self.problems.append(
                    key.problem(
                        self.path,
                        "this cannot be a name",
                        found=key.shown(),
                        allowed="letters, digits, '-' and '_'",
                        hint="the '$' stands only where the name is used",
                    )
                )
        return dict(node.entries)

    def unused(self, root: Node) -> list[Problem]:
        """Warnings for names that nothing uses."""
        return [
            root.entries[kind]
            .keys[name]
            .problem(self.path, f"nothing uses ${name}", severity="warning")
            for kind in ("phrases", "scripts", "conditions")
            for name in self._raw[kind]
            if (kind, name) not in self.used
        ]

    def known(self, kind: str) -> Iterable[str]:
        return self._raw[kind]

    def entries(self, kind: str, name: str) -> Node:
        """The list that a name stands for, with the names inside it opened."""
        key = (kind, name)
        if key not in self._lists:
            node = self._raw[kind][name]
            if self._goes_too_far(key, node):
                return _placeholder(node)
            self._open.append(key)
            self._lists[key] = self.opened(node, kind)
            self._open.pop()
        return self._lists[key]

    def condition(self, name: str) -> Operator | None:
        """The condition that a name stands for; None where it is wrong (said where it stands)."""
        if name not in self._conditions:
            node = self._raw["conditions"][name]
            key = ("conditions", name)
            if self._goes_too_far(key, node):
                return None
            self._open.append(key)
            self.fill(node, CONDITION)
            built = self._built(node)
            self._open.pop()
            self._conditions[name] = built if self.small(built, node) else _harmless()
        return self._conditions[name]

    def _built(self, node: Node) -> Operator:
        """An operator, or a harmless one where the node is none and has been complained of."""
        if node.kind == "done":
            return node.value  # type: ignore[no-any-return]
        try:
            return validated_condition(node, self.language)
        except ValidationError as error:
            self.problems += problems_of(error, node, CONDITION, self.path)
            return _harmless()

    def _goes_too_far(self, key: tuple[str, str], node: Node) -> bool:
        """Whether a name leads back to itself, or through too many others; says so."""
        if key in self._open:
            message = f"${key[1]} leads back to itself"
        elif len(self._open) >= MAX_DEEP:
            message = f"names lead through more than {MAX_DEEP} others"
        else:
            return False
        self.problems.append(node.problem(self.path, message))
        return True

    def small(self, condition: Operator, node: Node) -> bool:
        """Whether a condition, names opened, stays within reason; says where it does not."""
        parts, deep = self._measured(condition)
        if parts <= MAX_PARTS and deep <= MAX_DEEP:
            return True
        message = "this condition is too large, the names in it opened"
        found = f"{parts} conditions, {deep} deep"
        allowed = f"{MAX_PARTS} conditions, {MAX_DEEP} deep"
        self.problems.append(node.problem(self.path, message, found=found, allowed=allowed))
        return False

    def _measured(self, condition: Operator) -> tuple[int, int]:
        """How many conditions it is made of, and how deep. A shared one is measured once."""
        known = self._sizes.get(id(condition))
        if known is None:
            inner = [self._measured(part) for part in condition.parts()]
            parts = 1 + sum(n for n, _ in inner)
            known = (parts, 1 + max((d for _, d in inner), default=0))
            self._sizes[id(condition)] = known
            self._alive.append(condition)
        return known

    def opened(self, node: Node, kind: str) -> Node:
        """A list with every `$name` in it opened; `$name` alone becomes the list."""
        name = _name(node)
        if name is not None:
            if not self._exists(node, name, kind):
                return _placeholder(node)
            return self.entries(kind, name)
        if node.kind != "seq":
            return node
        items: list[Node] = []
        for item in node.items:
            name = _name(item)
            if name is None:
                items.append(item)
            elif self._exists(item, name, kind):
                inner = self.entries(kind, name)
                items += inner.items if inner.kind == "seq" else [inner]
            else:
                items += _placeholder(item).items
            if len(items) > MAX_ENTRIES:
                message = "this list is too long, the names in it opened"
                allowed = f"at most {MAX_ENTRIES} entries"
                self.problems.append(node.problem(self.path, message, allowed=allowed))
                return _placeholder(node)
        return Node(kind="seq", line=node.line, column=node.column, items=items)

    def _exists(self, node: Node, name: str, kind: str) -> bool:
        self.used.add((kind, name))
        if name in self._raw[kind]:
            return True
        other = next((k for k in self._raw if k != kind and name in self._raw[k]), None)
        if other is not None:
            hint: str | None = f"${name} names one of the {other}"
        else:
            hint = did_you_mean(f"${name}", [f"${n}" for n in self._raw[kind]])
        self.problems.append(
            node.problem(
                self.path,
                f"no such name among the {kind}",
                found=f"${name}",
                allowed=" ".join(f"${n}" for n in self._raw[kind]) or f"names under '{kind}'",
                hint=hint,
            )
        )
        return False

    def fill(self, node: Node, slot: KeySlot) -> None:
        """Put in what the names of a place stand for: in the tree, in place."""
        if slot.condition:
            self._fill_condition(node)
        elif node.kind == "map":
            for key, value in node.entries.items():
                inner = step(slot, key, node.entries)
                if inner.condition:
                    self.fill(value, inner)
                elif slot.model is not None and key == "script":
                    node.entries[key] = self.opened(value, "scripts")
                elif _lists_phrases(value):
                    node.entries[key] = self.opened(value, "phrases")
                else:
                    self.fill(value, inner)
        elif node.kind == "seq":
            for item in node.items:
                self.fill(item, slot)

    def _fill_condition(self, node: Node) -> None:
        name = _name(node)
        if name is not None:
            built = self.condition(name) if self._exists(node, name, "conditions") else None
            node.kind, node.value = "done", built or _harmless()
        elif node.kind == "seq":
            for item in node.items:
                self._fill_condition(item)
        elif node.kind == "map":
            for key, value in node.entries.items():
                if key in _CONDITION_KEYS:
                    self.fill(value, step(CONDITION, key, node.entries))


def validated_condition(node: Node, language: str) -> Operator:
    """The operator of a condition's node, with the error's path beginning at the node."""
    from pydantic_core import InitErrorDetails, PydanticCustomError

    try:
        return build(node.plain(), {"language": language, "build": build})
    except PydanticCustomError as error:
        details = InitErrorDetails(type=error, loc=(), input=None)
        raise ValidationError.from_exception_data("condition", [details]) from None


def _name(node: Node) -> str | None:
    text = node.text()
    return text[1:] if text is not None and text.startswith("$") and len(text) > 1 else None


def _lists_phrases(node: Node) -> bool:
    return _name(node) is not None or (
        node.kind == "seq" and any(_name(item) is not None for item in node.items)
    )


def _placeholder(node: Node) -> Node:
    """Stands in for a name that is unknown, so that nothing more is said of it."""
    words = [
        Node(kind="scalar", line=node.line, column=node.column, value=f"占位{i}") for i in range(99)
    ]
    return Node(kind="seq", line=node.line, column=node.column, items=words)


def _harmless() -> Operator:
    return CallField.model_validate({"call": {"recording_id": {"missing": False}}})
