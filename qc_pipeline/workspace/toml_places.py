"""Where in a TOML file a key stands."""

from __future__ import annotations

import re

_TOML_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""|'
    r"'''.*?'''|"
    r'"(?:\\.|[^"\\\n])*"|'
    r"'[^'\n]*'|#[^\n]*|"
    r"(?P<bare>[\w-]+)(?=\s*[=.\]])",
    re.DOTALL,
)


def quote_bare_keys(text: str) -> str:
    """TOML wants quotes around a key such as 首次; people leave them out, so we put them in."""

    def quoted(found: re.Match[str]) -> str:
        key = found["bare"]
        return found[0] if key is None or key.isascii() else f'"{key}"'

    return _TOML_TOKEN.sub(quoted, text)


def locate(text: str, loc: list[str]) -> int | None:
    """The line (from 1) where a dotted key stands in TOML text, or that of its nearest parent."""
    best: tuple[int, int] | None = None
    table: list[str] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        header = re.match(r"\[\[?\s*([^\]]+?)\s*\]?\]", line)
        entry = re.match(r"((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*[\w-]+)*)\s*=", line)
        if header:
            table = _key_parts(header[1])
            here = table
        elif entry:
            here = table + _key_parts(entry[1])
        else:
            continue
        depth = len(here)
        if loc[:depth] == here and (best is None or depth > best[0]):
            best = (depth, number)
    return best[1] if best else None


def _key_parts(dotted: str) -> list[str]:
    return [p.strip().strip("\"'") for p in re.findall(r"[\w-]+|\"[^\"]*\"|'[^']*'", dotted)]
