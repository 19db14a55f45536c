"""What must agree between the keys of a rubric: sums, names, contradictions, dates, tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any

from qc_pipeline.errors import Problem, did_you_mean
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.operators.all_of import AllOf
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.rubric.contradiction import contradiction
from qc_pipeline.scoring.rubric.model import (
    RESERVED_IDS,
    UNTIED,
    Criterion,
    Rubric,
    RubricTest,
    Section,
)
from qc_pipeline.scoring.rubric.yaml_nodes import Node

ANNOUNCED_BEFORE = timedelta(days=7)


def criterion_problems(
    criterion: Criterion,
    node: Node,
    section_applies: Operator | None,
    path: str,
    unread: frozenset[str] = frozenset(),
) -> Iterator[Problem]:
    """What does not go together in one criterion.

    `unread` are the keys with mistakes of their own, which the criterion was made without: nothing
    is said of what may follow from them.
    """
    at = _Places(node, path)
    ways = [k for k in ("expect", "forbid", "manual") if getattr(criterion, k) is not None]
    if len(ways) != 1 and not unread:
        yield at(
            "expect",
            "a criterion takes exactly one of expect, forbid, manual",
            found=", ".join(ways) or "none",
        )
    if criterion.id in RESERVED_IDS:
        yield at("id", f"'{criterion.id}' is taken: tests use it for the whole call")
    if criterion.severity == "fatal":
        for key in ("points", "bonus", "deduct"):
            if key in node.entries:
                yield at(
                    key, f"a fatal criterion has no '{key}'", hint="a failure zeroes the score"
                )
    elif "severity" not in unread:
        neither = criterion.points is None and criterion.bonus is None
        if (criterion.points is None) == (criterion.bonus is None) and not (neither and unread):
            both = criterion.points is not None
            yield at(
                "bonus" if both else "points",
                "a criterion has either points or a bonus",
                found="both" if both else "neither",
            )
        if criterion.scope is not None:
            yield at(
                "scope",
                "only a fatal criterion has a scope",
                hint="add 'severity: fatal', or delete it",
            )
    if criterion.bonus is not None and criterion.severity != "fatal":
        yield from _bonus(criterion, at)
    yield from _deduct(criterion, at, unread)
    yield from _unreachable(criterion, section_applies, at)


def _bonus(criterion: Criterion, at: _Places) -> Iterator[Problem]:
    for key in ("deduct", "severity", "manual", "forbid"):
        if key in at.node.entries:
            yield at(key, f"a bonus does not go with '{key}'", hint="a bonus is won by 'expect'")


def _deduct(criterion: Criterion, at: _Places, unread: frozenset[str]) -> Iterator[Problem]:
    deduct, points = criterion.deduct, criterion.points
    if deduct is None:
        return
    if points is not None and deduct.fixed is not None and deduct.fixed > points:
        yield at(
            "deduct",
            "more is deducted than the criterion has",
            found=f"{deduct.fixed:g}",
            allowed=f"at most {points:g}",
        )
    counts_members = deduct.each_missing is not None and "expect" not in unread
    if counts_members and not isinstance(criterion.expect, AllOf):
        yield at(
            "deduct",
            "'each_missing' counts the members of 'expect: {all: […]}'",
            found="no such 'expect'",
            hint="use {each: …} to count hits",
        )
    if deduct.steps is not None:
        ordered = [deduct.steps[k] for k in sorted(deduct.steps)]
        if ordered != sorted(ordered):
            yield at(
                "deduct",
                "more hits cost less",
                found=", ".join(f"{v:g}" for v in ordered),
                severity="warning",
            )
        if points is not None and max(ordered) > points:
            yield at(
                "deduct",
                "a step is more than the criterion has; it costs the points only",
                found=f"{max(ordered):g}",
                allowed=f"at most {points:g}",
                severity="warning",
            )


def _unreachable(
    criterion: Criterion, section_applies: Operator | None, at: _Places
) -> Iterator[Problem]:
    reason = contradiction(c for c in (section_applies, criterion.applies) if c is not None)
    if reason:
        yield at("applies", "this criterion never applies", found=reason)
    elif criterion.condition is not None:
        key = "expect" if criterion.expect is not None else "forbid"
        reason = contradiction([criterion.condition])
        if reason:
            verdict = "always fails" if key == "expect" else "never fails"
            yield at(key, f"this criterion {verdict}", found=reason)


def sum_problems(root: Node, path: str) -> Iterator[Problem]:
    """Points that do not add up; looks at the tree, so that another mistake hides nothing."""
    sections = _items(root.get("sections"))
    points, worth = root.get("points"), [_number(s, "points") for s in sections]
    total = points.number() if points else None
    if points and total is not None and worth and None not in worth:
        added = sum(w for w in worth if w is not None)
        if abs(added - total) > 1e-9:
            yield points.problem(
                path,
                "the sections' points do not add up to the rubric's",
                found=f"{added:g} in the sections",
                allowed=f"{total:g}",
            )
    for section in sections:
        own = section.get("points")
        limit = own.number() if own else None
        if own is None or limit is None:
            continue
        criteria = _items(section.get("criteria"))
        plain = [c for c in criteria if "bonus" not in c.entries and not _fatal(c)]
        values = [_number(c, "points") for c in plain]
        added = sum(v for v in values if v is not None)
        if None not in values and added < limit - 1e-9:
            yield own.problem(
                path,
                "the section's criteria have fewer points than the section",
                found=f"{added:g} in its criteria",
                allowed=f"at least {limit:g}",
            )


def id_problems(root: Node, path: str) -> Iterator[Problem]:
    """Ids that are there twice, among sections and among all criteria."""
    sections = _items(root.get("sections"))
    groups = {
        "section": sections,
        "criterion": [c for s in sections for c in _items(s.get("criteria"))],
    }
    for kind, nodes in groups.items():
        seen: dict[str, int] = {}
        for node in nodes:
            place = node.get("id")
            name = place.text() if place else None
            if place is None or name is None:
                continue
            if name in seen:
                yield place.problem(
                    path,
                    f"the id of another {kind}",
                    found=name,
                    hint=f"the first one is in line {seen[name]}",
                )
            seen.setdefault(name, place.line)


def rubric_problems(
    rubric: Rubric, root: Node, path: str, unread: frozenset[str] = frozenset()
) -> Iterator[Problem]:
    """What does not go together in a whole rubric; `unread` as in `criterion_problems`."""
    at = _Places(root, path)
    if unread.isdisjoint(("bands", "points")):
        yield from _bands(rubric, at)
    if unread.isdisjoint(("pass_mark", "points")) and rubric.pass_mark > rubric.points:
        yield at(
            "pass_mark",
            "no call could pass",
            found=f"{rubric.pass_mark:g}",
            allowed=f"0 to {rubric.points:g}",
        )
    start = rubric.effective_from
    if rubric.announced and start is None and "effective_from" not in unread:
        yield at("announced", "the day it counts from is missing", allowed="effective_from")
    if rubric.announced and start and start - rubric.announced < ANNOUNCED_BEFORE:
        days = (start - rubric.announced).days
        yield at(
            "announced",
            "less than 7 days before it takes effect",
            severity="warning",
            found=f"{days} days",
        )
    nodes = {n.entries["id"].raw: n for n in criterion_nodes(root) if "id" in n.entries}
    for criterion in rubric.criteria():
        until = criterion.effective.until if criterion.effective else None
        if until and start and until < start and criterion.id in nodes:
            yield _Places(nodes[criterion.id], path)(
                "effective",
                "it ends before the rubric begins, so it never counts",
                found=str(until),
                allowed=f"from {start}",
            )
    yield from _lonely_facts(rubric, nodes, path)
    names = Counter(t.name for t in rubric.tests)
    for test, node in zip(rubric.tests, _items(root.get("tests")), strict=False):
        if names[test.name] > 1:
            yield _Places(node, path)(
                "name", "two tests of one name", found=test.name, severity="warning"
            )


def _lonely_facts(rubric: Rubric, nodes: Mapping[str, Node], path: str) -> Iterator[Problem]:
    """A name under `same_fact` that ties a criterion to no other: most often a mistyped one."""
    tied = Counter(c.same_fact for c in rubric.criteria() if c.same_fact not in (None, UNTIED))
    for criterion in rubric.criteria():
        name = criterion.same_fact
        if name is not None and tied[name] == 1 and criterion.id in nodes:
            yield _Places(nodes[criterion.id], path)(
                "same_fact",
                "no other criterion has this name, so it ties nothing",
                severity="warning",
                found=name,
                hint=did_you_mean(name, sorted(n for n in tied if n and n != name)),
            )


def _bands(rubric: Rubric, at: _Places) -> Iterator[Problem]:
    starts = [b.from_ for b in rubric.bands]
    if not starts:
        yield at("bands", "there is no band", allowed="{from: 0, label: …} at least")
        return
    if any(a <= b for a, b in pairwise(starts)):
        yield at(
            "bands",
            "the bands do not fall: the highest stands first",
            found=", ".join(f"{s:g}" for s in starts),
        )
    elif starts[-1] != 0:
        yield at("bands", "the last band starts at 0", found=f"{starts[-1]:g}")
    if starts[0] > rubric.points:
        yield at(
            "bands",
            "no call reaches the highest band",
            found=f"{starts[0]:g}",
            allowed=f"at most {rubric.points:g}",
        )
    labels = Counter(b.label for b in rubric.bands)
    for label in (name for name, n in labels.items() if n > 1):
        yield at("bands", "two bands of one label", found=label)


def test_problems(
    tests: Iterable[tuple[RubricTest, Node]],
    criteria: Mapping[str, Criterion | None],
    bands: Iterable[str],
    path: str,
) -> Iterator[Problem]:
    """Expectations of tests that name no criterion, or expect what is no verdict."""
    labels, verdicts = tuple(bands), tuple(str(v) for v in Verdict)
    for test, node in tests:
        expected = node.get("expect")
        for key, wanted in test.expect.items():
            if expected is None or key not in expected.entries:
                continue
            place, name = expected.entries[key], expected.keys[key]
            if key == "total":
                if isinstance(wanted, str):
                    yield place.problem(
                        path, "the total is a number, or null for none", found=place.shown()
                    )
            elif key == "band":
                if wanted is not None and wanted not in labels:
                    yield place.problem(
                        path, "no such band", found=place.shown(), allowed=" | ".join(labels)
                    )
            elif key not in criteria:
                yield name.problem(
                    path,
                    "no such criterion",
                    found=key,
                    hint=did_you_mean(key, (*criteria, *RESERVED_IDS)),
                )
            elif wanted not in verdicts:
                yield place.problem(
                    path,
                    "no such verdict",
                    found=place.shown(),
                    allowed=" | ".join(verdicts),
                    hint=did_you_mean(str(wanted), verdicts),
                )
        if not test.expect and expected is not None:
            yield expected.problem(
                path, "the test expects nothing", allowed="a criterion: a verdict"
            )


def criterion_nodes(root: Node) -> list[Node]:
    return [c for s in _items(root.get("sections")) for c in _items(s.get("criteria"))]


def applies_of(section: Section | None) -> Operator | None:
    return section.applies if section else None


def _items(node: Node | None) -> list[Node]:
    if node is None or node.kind != "seq":
        return []
    return [n for n in node.items if n.kind == "map"]


def _number(node: Node, key: str) -> float | None:
    value = node.get(key)
    return value.number() if value else None


def _fatal(node: Node) -> bool:
    severity = node.get("severity")
    return severity is not None and severity.text() == "fatal"


class _Places:
    """Problems at the keys of one mapping; at the mapping itself where the key is not there."""

    def __init__(self, node: Node, path: str) -> None:
        self.node = node
        self.path = path

    def __call__(self, key: str, message: str, **more: Any) -> Problem:
        return (self.node.get(key) or self.node).problem(self.path, message, **more)
