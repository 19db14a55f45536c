"""The house is in order: no circle of imports, one meaning a class name, few modules at the root.

    python -m tools.house

Prints what is not, each on a line, and ends with status 1. An import counts wherever it stands, in
a function or for the types alone: a newcomer has to read both files to know one.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "qc_pipeline"
MOST_AT_ROOT = 8
"""Modules beside the rooms, `__init__` and `__main__` included."""
GROUND = frozenset({"call", "errors", "message", "call_table", "call_fields"})
"""The only single files that the contract of layers may name."""


def modules(package: Path) -> Mapping[str, Path]:
    """The modules below a package folder by their dotted name, in order."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = path
    return found


def imports(nodes: Iterable[ast.AST], known: Mapping[str, Path]) -> Iterator[str]:
    """The modules of ours that a module of these nodes imports, anywhere in it."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in known:
                    yield inner
                elif node.module in known:
                    yield node.module


def circles(graph: Mapping[str, frozenset[str]]) -> tuple[tuple[str, ...], ...]:
    """The groups of modules that import one another in a circle (Tarjan 1972, iterative)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[tuple[str, ...]] = []
    for start in graph:
        if start in index:
            continue
        work = [(start, iter(sorted(graph[start])))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        while work:
            node, rest = work[-1]
            for other in rest:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(sorted(graph[other]))))
                    break
                if other in on_stack:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    group = []
                    while True:
                        top = stack.pop()
                        on_stack.discard(top)
                        group.append(top)
                        if top == node:
                            break
                    if len(group) > 1 or node in graph[node]:
                        found.append(tuple(sorted(group)))
    return tuple(sorted(found))


def statements(tree: ast.Module) -> tuple[ast.stmt, ...]:
    """All statements of a module, inner ones included; expressions are not looked through."""
    found: list[ast.stmt] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(node, field, ())
            if isinstance(inner, list):  # the body of a lambda is an expression
                waiting += inner
        if isinstance(node, ast.stmt):
            found.append(node)
    return tuple(found)


def public_classes(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The names of classes without a leading underscore, nested ones included."""
    for node in nodes:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name


def faults(package: Path, pyproject: Path) -> list[str]:
    """What is not in order, a sentence each."""
    found: list[str] = []
    known = modules(package)
    graph: dict[str, frozenset[str]] = {}
    where: dict[str, list[str]] = {}
    for name, path in known.items():  # a tree at a time: all of them keep the collector busy
        nodes = statements(ast.parse(path.read_text(encoding="utf-8")))
        graph[name] = frozenset(imports(nodes, known))
        for cls in public_classes(nodes):
            where.setdefault(cls, []).append(name)
    for group in circles(graph):
        found.append(f"circle of imports: {', '.join(group)}")
        for name in group:
            inside = sorted(graph[name] & set(group))
            found.append(f"    {name} imports {', '.join(inside)}")
    found += [
        f"class {cls} stands in {', '.join(names)}"
        for cls, names in sorted(where.items())
        if len(names) > 1
    ]
    loose = sorted(p.name for p in package.glob("*.py"))
    if len(loose) > MOST_AT_ROOT:
        found.append(f"{len(loose)} modules at the root, {MOST_AT_ROOT} allowed: {loose}")
    settings = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    rooms = {p.name for p in package.iterdir() if (p / "__init__.py").is_file()}
    for contract in settings["tool"]["importlinter"]["contracts"]:
        if contract["type"] != "layers":
            continue
        named = {n.strip(" ()") for floor in contract["layers"] for n in floor.split(":")}
        found += [f"the contract of layers names {n}, no room" for n in named - rooms - GROUND]
        found += [f"the contract of layers leaves out {n}" for n in rooms - named]
    return found


def main() -> int:
    found = faults(ROOT / PACKAGE, ROOT / "pyproject.toml")
    print(*(found or ["the house is in order"]), sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
