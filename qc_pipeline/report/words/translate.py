"""The report's own words in the language it is written in."""

from __future__ import annotations

from qc_pipeline.report.words.catalog import texts


class Translator:
    """`words("key", n=3)` is the sentence of that key; an unknown key is a bug (KeyError).

    `gap` is what stands between two sentences.
    """

    def __init__(self, language: str) -> None:
        self._texts = texts(language)
        self.language = language
        self.gap = "" if language == "zh" else " "

    def __call__(self, key: str, **values: object) -> str:
        text = self._texts[key]
        return text.format(**values) if values else text

    def or_raw(self, prefix: str, value: str) -> str:
        """The word for one of a set of known values (`state.open`), or the value itself."""
        return self._texts.get(f"{prefix}.{value}", value)

    def titles(self, items: list[str]) -> str:
        """Titles in a sentence, in quotation marks: a title may hold a 、 of its own."""
        marks = "\u201c{}\u201d"
        return self.listed([marks.format(i) for i in items])

    def listed(self, items: list[str]) -> str:
        return ("、" if self.language == "zh" else ", ").join(items)
