"""The catalogue: every text that people read in their own language, by its key.

The texts stand in locale/zh.po and locale/en.po, as translators know them: message ids are our
keys, placeholders are `{name}`. docs/translating.md says how to add or to correct one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from qc_pipeline.errors import UsageError

LANGUAGES = ("zh", "en")


@cache
def texts(language: str) -> Mapping[str, str]:
    """Key → text in `language`, read once a process. Raises UsageError for another language."""
    from babel.messages.pofile import read_po

    if language not in LANGUAGES:
        raise UsageError(f"report language {language!r}: allowed are {', '.join(LANGUAGES)}")
    place = files("qc_pipeline.report.words") / "locale" / f"{language}.po"
    with place.open("rb") as file:
        found = read_po(file, abort_invalid=True)
    return MappingProxyType({str(m.id): str(m.string) for m in found if m.id})


def texts_under(language: str, prefix: str) -> dict[str, Any]:
    """The texts whose keys begin with `prefix`, by the rest of the key, groups within it nested:
    what a page with a script of its own gets whole.
    """
    found: dict[str, Any] = {}
    for key, text in texts(language).items():
        if key.startswith(f"{prefix}."):
            *groups, name = key.removeprefix(f"{prefix}.").split(".")
            place = found
            for group in groups:
                place = place.setdefault(group, {})
            place[name] = text
    return found


def in_every_language(key: str) -> tuple[str, ...]:
    """The texts of a key, in the order of `LANGUAGES`: what a sheet that comes back may say."""
    return tuple(texts(language)[key] for language in LANGUAGES)
