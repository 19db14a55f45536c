"""The report's own words in the language it is written in."""

from __future__ import annotations

from qc_pipeline.errors import UsageError
from qc_pipeline.report.words.catalog import TEXTS

LANGUAGES = ("zh", "en")


class Translator:
    """`words("key", n=3)` is the sentence of that key; an unknown key is a bug (KeyError)."""

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise UsageError(f"report language {language!r}: allowed are {', '.join(LANGUAGES)}")
        self.language = language
        self._index = LANGUAGES.index(language)

    def __call__(self, key: str, **values: object) -> str:
        text = TEXTS[key][self._index]
        return text.format(**values) if values else text

    def or_raw(self, prefix: str, value: str) -> str:
        """The word for one of a set of known values (`state.open`), or the value itself."""
        known = TEXTS.get(f"{prefix}.{value}")
        return value if known is None else known[self._index]

    def titles(self, items: list[str]) -> str:
        """Titles in a sentence, in quotation marks: a title may hold a 、 of its own."""
        marks = "\u201c{}\u201d"
        return self.listed([marks.format(i) for i in items])

    def listed(self, items: list[str]) -> str:
        return ("、" if self.language == "zh" else ", ").join(items)
