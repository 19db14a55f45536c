"""HTML pages from templates, escaped whatever they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket


class _Compiled(BytecodeCache):
    """Templates as they were compiled, by place and content: once a process, not once a report."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        kept = self._kept.get((bucket.key, bucket.checksum))
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def page_environment(folder: Path) -> Environment:
    """For the templates of a folder; everything is escaped, an unknown name is an error.

    One of its own for each caller, who may give it globals; only compiled templates are shared.
    """
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_COMPILED,
    )


def render(template: Path, **values: Any) -> str:
    """A page from its template."""
    return page_environment(template.parent).get_template(template.name).render(**values)
