"""JSON that people hand in: everything that is wrong with it is told, nothing of it is a bug."""

from __future__ import annotations

import json
import re
from typing import Any

from qc_pipeline.errors import InputError, Problem

# Half of a character, written out as \ud83d: no text that can be stored or shown holds one.
_HALF = re.compile("[\ud800-\udfff]")
_REPLACED = "\ufffd"


def read_json(text: str, path: str, *, message: str = "is not JSON") -> Any:
    """What a text says; halves of characters are replaced, as in text that was cut in two.

    Raises InputError, at the place where there is one.
    """
    try:
        body = json.loads(text)
    except json.JSONDecodeError as error:
        said = f"{message}: {error.msg}"
        problem = Problem(path=path, message=said, line=error.lineno, column=error.colno)
        raise InputError([problem]) from None
    except RecursionError:
        raise InputError([Problem(path=path, message="is nested too deeply")]) from None
    except ValueError:
        # Python reads no whole number of more than 4,300 digits.
        raise InputError([Problem(path=path, message=f"{message}: a number too long")]) from None
    return _whole(body) if "\\ud" in text.lower() else body


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return _HALF.sub(_REPLACED, value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(one) for key, one in value.items()}
    return value
