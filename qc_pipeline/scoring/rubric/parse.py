"""The text of a rubric → `Rubric`, with every problem at its line and column, all at once.

The parts are judged one by one (named conditions, criteria, sections, tests), so that a mistake in
one hides nothing in the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from qc_pipeline.errors import InputError, Problem
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.operators.registry import build
from qc_pipeline.scoring.rubric import checks
from qc_pipeline.scoring.rubric.allowed_keys import CONDITION, KeySlot
from qc_pipeline.scoring.rubric.field_checks import field_problems
from qc_pipeline.scoring.rubric.messages import problems_of, unknown_key
from qc_pipeline.scoring.rubric.model import (
    Criterion,
    Rubric,
    RubricTest,
    RubricText,
    Section,
)
from qc_pipeline.scoring.rubric.named_lists import NamedLists
from qc_pipeline.scoring.rubric.phrase_checks import phrase_problems
from qc_pipeline.scoring.rubric.yaml_nodes import Node, read_tree

Model = TypeVar("Model", bound=BaseModel)


class Reading(NamedTuple):
    """What came of a text: the rubric (None where there were errors), errors and warnings."""

    rubric: Rubric | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity == "error")


def parse_rubric(text: str, name: str) -> Rubric:
    """The rubric that `text` says; `name` stands for its path in messages.

    Raises InputError with every problem of the text, warnings among them.
    """
    reading = read_rubric_text(text, name)
    if reading.rubric is None:
        raise InputError(reading.problems)
    return reading.rubric


def read_rubric_text(text: str, name: str) -> Reading:
    """The rubric that `text` says, if it says one, with all problems sorted by place."""
    root, found = read_tree(text, name)
    reader = _Reader(name, found)
    rubric = reader.rubric(root, text) if root is not None or not found else None
    problems = tuple(sorted(dict.fromkeys(reader.problems), key=Problem.sort_key))
    failed = any(p.severity == "error" for p in problems)
    return Reading(None if failed else rubric, problems)


def read_test_text(text: str, name: str, rubric: Rubric) -> tuple[RubricTest, ...]:
    """The tests in a file of their own: a list of them, or a list under `tests`.

    Raises InputError with every problem.
    """
    root, found = read_tree(text, name)
    reader = _Reader(name, found)
    tests: tuple[RubricTest, ...] = ()
    if root is not None and root.kind == "map":
        for key in root.entries:
            if key != "tests":
                problem = root.keys[key].problem(name, f"unknown key '{key}'", allowed="tests")
                reader.problems.append(problem)
        root = root.get("tests")
    if root is not None:
        reader.problems += field_problems(root, name)
        pairs = reader.tests(root)
        criteria = {c.id: c for c in rubric.criteria()}
        labels = [b.label for b in rubric.bands]
        reader.problems += checks.test_problems(pairs, criteria, labels, name)
        tests = tuple(test for test, _ in pairs)
    elif not found:
        reader.problems.append(Problem(path=name, line=1, message="the file holds no tests"))
    if any(p.severity == "error" for p in reader.problems):
        raise InputError(reader.problems)
    return tests


class _Reader:
    """Judges the parts of one file and collects what is wrong."""

    def __init__(self, path: str, problems: Iterable[Problem]) -> None:
        self.path = path
        self.problems = list(problems)
        self.language = "zh"
        # By id of what was read without some keys: which. An id is its own while it is kept.
        self._unread_of: dict[int | str, frozenset[str]] = {}
        self._kept: list[BaseModel] = []

    def rubric(self, root: Node | None, text: str) -> Rubric | None:
        if root is None or root.kind != "map":
            message = "a rubric is a mapping that begins with 'rubric: its-id'"
            where = root or Node(kind="scalar", line=1, column=1)
            found = root.shown() if root is not None else "nothing"
            self.problems.append(where.problem(self.path, message, found=found))
            return None
        self.problems += field_problems(root, self.path)
        written = root.get("language")
        self.language = "en" if written is not None and written.value == "en" else "zh"
        names = NamedLists(root, self.path, self.language)
        sections = self._sections(root, names)
        pairs = self.tests(root.get("tests"))
        self._named(root, names)
        whole = self._whole(root, names, sections, [t for t, _ in pairs], text)
        self.problems += names.problems
        self.problems += checks.sum_problems(root, self.path)
        self.problems += checks.id_problems(root, self.path)
        self._tests_fit(root, pairs)
        if whole is None:
            return None
        if not any(p.severity == "error" for p in self.problems):
            self.problems += names.unused(root)
        self.problems += checks.rubric_problems(whole, root, self.path, self._unread(whole))
        self.problems += phrase_problems(whole, root, self.path)
        return whole

    def _tests_fit(self, root: Node, pairs: list[tuple[RubricTest, Node]]) -> None:
        ids = {n.entries["id"].raw: None for n in checks.criterion_nodes(root) if n.get("id")}
        bands = root.get("bands")
        labels = [
            b.entries["label"].raw
            for b in (bands.items if bands else ())
            if b.kind == "map" and "label" in b.entries
        ]
        self.problems += checks.test_problems(pairs, ids, labels, self.path)

    def _sections(self, root: Node, names: NamedLists) -> list[Section]:
        node = root.get("sections")
        out: list[Section] = []
        if node is None or node.kind != "seq":
            return out
        if not node.items:
            self.problems.append(node.problem(self.path, "there is no section"))
        for item in node.items:
            section = self._section(item, names)
            if section is not None:
                out.append(section)
        return out

    def _section(self, node: Node, names: NamedLists) -> Section | None:
        slot = KeySlot(model=Section)
        criteria_node = node.get("criteria") if node.kind == "map" else None
        applies: Operator | None = None
        if node.kind == "map" and (place := node.get("applies")) is not None:
            names.fill(place, CONDITION)
        shell = self._shell(node, criteria_node, "criteria")
        section = self._valid(Section, shell, slot)
        applies = section.applies if section is not None else None
        if applies is not None and not names.small(applies, node.entries["applies"]):
            applies = section = None
        criteria: list[Criterion] = []
        if criteria_node is not None and criteria_node.kind == "seq":
            if not criteria_node.items:
                self.problems.append(
                    criteria_node.problem(self.path, "the section has no criterion")
                )
            for item in criteria_node.items:
                criterion = self._criterion(item, names, applies)
                if criterion is not None:
                    criteria.append(criterion)
        if section is None:
            return None
        return section.model_copy(update={"criteria": tuple(criteria)})

    def _criterion(
        self, node: Node, names: NamedLists, section_applies: Operator | None
    ) -> Criterion | None:
        slot = KeySlot(model=Criterion)
        names.fill(node, slot)
        criterion = self._valid(Criterion, node, slot)
        if criterion is not None:
            self.problems += checks.criterion_problems(
                criterion, node, section_applies, self.path, self._unread(criterion)
            )
        return criterion

    def tests(self, node: Node | None) -> list[tuple[RubricTest, Node]]:
        """The tests of a list that are well formed, each with its node."""
        if node is None or node.kind != "seq":
            if node is not None:
                self.problems.append(
                    node.problem(self.path, "'tests' takes a list", found=node.shown())
                )
            return []
        found = (
            (self._valid(RubricTest, item, KeySlot(model=RubricTest)), item) for item in node.items
        )
        return [(test, item) for test, item in found if test is not None]

    def _named(self, root: Node, names: NamedLists) -> None:
        """Open every named list and build every named condition, used or not."""
        for kind in ("phrases", "scripts"):
            node = root.get(kind)
            if node is not None and node.kind == "map":
                opened = {name: names.entries(kind, name) for name in node.entries}
                node.entries.update(opened)
        node = root.get("conditions")
        if node is not None and node.kind == "map":
            for name, place in list(node.entries.items()):
                built = names.condition(name)
                if built is not None:
                    node.entries[name] = Node(
                        kind="done", line=place.line, column=place.column, value=built
                    )
        exact = root.get("exact_only")
        if exact is not None:
            root.entries["exact_only"] = names.opened(exact, "phrases")

    def _whole(
        self,
        root: Node,
        names: NamedLists,
        sections: list[Section],
        tests: list[RubricTest],
        text: str,
    ) -> Rubric | None:
        shell = self._shell(root, root.get("sections"), "sections")
        shell = self._shell(shell, root.get("tests"), "tests")
        for kind in ("phrases", "scripts", "conditions"):
            node = root.get(kind)
            if node is not None and node.kind != "map":
                shell.entries.pop(kind, None)
        written = self._valid(RubricText, shell, KeySlot(model=RubricText))
        if written is None:
            return None
        self._unread_of["rubric"] = self._unread(written)
        values: dict[str, Any] = {n: getattr(written, n) for n in RubricText.model_fields}
        values |= {"sections": tuple(sections), "tests": tuple(tests)}
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        return Rubric.model_construct(**values, source=text, sha256=sha256)

    def _shell(self, node: Node, inner: Node | None, key: str) -> Node:
        """A mapping without the entries of its list `key`, which are judged one by one."""
        if node.kind != "map" or inner is None or inner.kind != "seq":
            return node
        empty = Node(kind="seq", line=inner.line, column=inner.column)
        return Node(
            kind="map",
            line=node.line,
            column=node.column,
            entries={**node.entries, key: empty},
            keys=node.keys,
        )

    def _valid(self, model: type[Model], node: Node, slot: KeySlot) -> Model | None:
        written = node.get("=") if node.kind == "map" else None
        if written is not None:
            self.problems.append(unknown_key(node, "=", slot, self.path))
            return None
        try:
            return model.model_validate(
                node.plain(), context={"language": self.language, "build": build}
            )
        except ValidationError as error:
            self.problems += problems_of(error, node, slot, self.path)
            return self._without_mistakes(model, node, error)

    def _without_mistakes(
        self, model: type[Model], node: Node, error: ValidationError
    ) -> Model | None:
        """What the other keys say, so that a mistake in one hides nothing in them.

        No rubric comes of it: the mistake is told. None where too little can be read.
        """
        if node.kind != "map":
            return None
        bad = {str(e["loc"][0]) for e in error.errors(include_url=False) if e["loc"]}
        rest = {k: n.plain() for k, n in node.entries.items() if k not in bad}
        phrases = node.get("phrases")
        if "phrases" in bad and model is RubricText and phrases is not None:
            rest["phrases"] = _texts_only(phrases)
        try:
            read = model.model_validate(
                {**_STAND_INS.get(model, {}), **rest},
                context={"language": self.language, "build": build},
            )
        except ValidationError:
            return None
        self._unread_of[id(read)] = frozenset(bad)
        self._kept.append(read)
        return read

    def _unread(self, read: BaseModel) -> frozenset[str]:
        """The keys with mistakes that something was read without."""
        if isinstance(read, Rubric):
            return self._unread_of.get("rubric", frozenset())
        return self._unread_of.get(id(read), frozenset())


# In place of required keys that are missing or wrong.
_STAND_INS: Mapping[type[BaseModel], Mapping[str, Any]] = {
    Criterion: {"id": "unread", "title": "unread"},
    Section: {"id": "unread", "title": "unread", "points": 1.0, "criteria": ()},
    RubricText: {
        "rubric": "unread",
        "version": "unread",
        "title": "unread",
        "language": "zh",
        "points": 1.0,
        "pass_mark": 0.0,  # nosec B105
        "bands": ({"from": 0.0, "label": "unread"},),
        "sections": (),
    },
}


def _texts_only(phrases: Node) -> dict[str, tuple[str, ...]]:
    """The named lists without the entries that are no texts."""
    texts = {
        name: tuple(str(n.value) for n in listed.items if isinstance(n.value, str) and n.value)
        for name, listed in phrases.entries.items()
    }
    return {name: listed for name, listed in texts.items() if listed}
