"""Call fields in a rubric: names that are nearly known ones, values that no call list holds."""

from __future__ import annotations

from collections.abc import Iterator

from qc_pipeline.call_fields import BY_NAME, KnownField
from qc_pipeline.errors import Problem, did_you_mean
from qc_pipeline.scoring.rubric.yaml_nodes import Node

# The known fields that hold what the recording itself says.
_ALSO = ("start_time", "recording_id", "agent_id")


def field_problems(root: Node, path: str) -> Iterator[Problem]:
    """Everything under `call:` in the file, in conditions and in tests alike."""
    todo = [root]
    while todo:
        node = todo.pop()
        todo += node.items
        todo += node.entries.values()
        fields = node.get("call")
        if fields is None or fields.kind != "map":
            continue
        for name, value in fields.entries.items():
            known = BY_NAME.get(name)
            if known is not None:
                yield from _values(known, value, path)
                continue
            hint = did_you_mean(name, (*BY_NAME, *_ALSO))
            if hint is not None:
                yield fields.keys[name].problem(
                    path,
                    f"'{name}' is no field the product knows; only your own column fits it",
                    hint=hint,
                    severity="warning",
                )


def _values(known: KnownField, value: Node, path: str) -> Iterator[Problem]:
    allowed = _allowed(known)
    if allowed is None:
        return
    given = [value] if value.kind == "scalar" else []
    if value.kind == "map" and (listed := value.get("in")) is not None:
        given = [n for n in listed.items if n.kind == "scalar"]
    for node in given:
        if not _occurs(known, node):
            yield node.problem(
                path,
                f"no call list holds this under '{known.name}'",
                found=node.shown(),
                allowed=allowed,
                hint=_kept_as(known, node),
            )


def _allowed(known: KnownField) -> str | None:
    match known.kind:
        case "choice":
            return " | ".join(known.choices)
        case "boolean":
            return "true | false"
        case "number":
            return "a number" + (" of seconds" if known.unit == "s" else "")
        case _:
            return None


def _occurs(known: KnownField, node: Node) -> bool:
    match known.kind:
        case "choice":
            return node.value in known.choices
        case "boolean":
            return isinstance(node.value, bool) or node.raw.lower() in ("true", "false")
        case _:
            return node.number() is not None or _is_number(node.raw)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _kept_as(known: KnownField, node: Node) -> str | None:
    kept = known.words.get(node.raw)
    if kept is not None:
        return f'it is kept as "{kept}"'
    return did_you_mean(node.raw, known.choices)
