"""The quick way into a large CSV: one split, where it is sure to give what a CSV reader gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_LINE_END = 10
_WIDE_BLANKS = ((0xE3, 0x80, 0x80), (0xE1, 0x9A, 0x80), (0xE2, 0x81, 0x9F))
"""UTF-8 of U+3000, U+1680 and U+205F; the other blanks of three bytes begin with E2 80."""


def plain_columns(content: bytes, separator: str) -> list[Array] | None:
    """The columns of a CSV, header cell first, object arrays of str; None where it is not plain.

    Plain is UTF-8 without a quotation mark, a lone carriage return or a zero byte, with equally
    many cells in every line and no cell that begins or ends with a blank: then the cells are what
    stands between separators, and there is nothing to strip.
    """
    import numpy as np

    if b'"' in content or b"\0" in content:
        return None
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n")
    if b"\r" in content or not content.strip():
        return None
    if not content.endswith(b"\n"):
        content += b"\n"
    width = content.partition(b"\n")[0].count(separator.encode()) + 1
    raw = np.frombuffer(content, dtype=np.uint8)
    ends = np.flatnonzero((raw == ord(separator)) | (raw == _LINE_END))
    if len(ends) % width:
        return None
    breaks = (raw[ends] == _LINE_END).reshape(-1, width)
    if not breaks[:, -1].all() or breaks[:, :-1].any() or _blank_edges(raw, ends, separator):
        return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    listed = text[:-1].replace("\n", separator).split(separator)
    cells = np.empty(len(listed), dtype=object)
    cells[:] = listed
    return [cells[i::width].copy() for i in range(width)]


def _blank_edges(raw: Array, ends: Array, separator: str) -> bool:
    """Whether some cell may begin or end with a character that `str.strip` takes off."""
    import numpy as np

    padded = np.concatenate([raw, np.zeros(2, dtype=np.uint8)])
    first = np.concatenate([[0], ends[:-1] + 1])
    for edge, last in ((first, False), (ends - 1, True)):
        byte = padded[np.maximum(edge, 0)]
        # Beside an empty cell stands a separator.
        if ((byte <= 0x20) & (byte != _LINE_END) & (byte != ord(separator))).any():
            return True
        wide = edge[byte >= 0x80]
        a, b, c = (padded[np.maximum(wide - 2 * last + k, 0)] for k in range(3))
        if ((a == 0xE2) & (b == 0x80)).any():
            return True
        if any(((a == x) & (b == y) & (c == z)).any() for x, y, z in _WIDE_BLANKS):
            return True
        a, b = (padded[np.maximum(wide - last + k, 0)] for k in range(2))
        if ((a == 0xC2) & ((b == 0xA0) | (b == 0x85))).any():
            return True
    return False
