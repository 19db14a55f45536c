"""The report's own words in the language it is written in."""

from __future__ import annotations

import re
from dataclasses import replace

from qc_pipeline.message import (
    VERBATIM,
    WORDINGS,
    Message,
    Value,
    kinds_of,
    read_message,
    written,
)
from qc_pipeline.report.words.catalog import texts
from qc_pipeline.report.words.strata import strata_labels, stratum_label


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

    def told(self, message: Message) -> str:
        """A message in this language; a text of no known wording as it stands.

        What is kept in this language is told as it is kept. The values `stratum` and `strata` name
        strata as the draw does; they are told by their labels.
        """
        labels = {"stratum": stratum_label, "strata": strata_labels}
        message = replace(
            message,
            values=tuple(
                (name, labels[name](self, v) if name in labels and isinstance(v, str) else v)
                for name, v in message.values
            ),
        )
        if message.code == VERBATIM or (
            message.code in WORDINGS and message.code not in self._texts
        ):
            return message.text
        kinds = kinds_of(message.code)
        values = {name: self._value(value, kinds.get(name, "")) for name, value in message.values}
        return self._texts[message.code].format(**values)

    def _value(self, value: Value, kind: str) -> str:
        if isinstance(value, Message):
            return self.told(value)
        text = written(value, kind)
        match kind:
            case "message":
                return self.told(read_message(text))
            case "party":
                return self(f"speaker.{text}")
            case "some" if self.language != "zh":
                # A list of names that was cut short is kept as Chinese has it.
                return re.sub(r" 等(\d+)个$", r" … \1 in all", text).replace("、", ", ")
            case _:
                return text

    def or_raw(self, prefix: str, value: str) -> str:
        """The word for one of a set of known values (`state.open`), or the value itself."""
        return self._texts.get(f"{prefix}.{value}", value)

    def titles(self, items: list[str]) -> str:
        """Titles in a sentence, in quotation marks: a title may hold a 、 of its own."""
        marks = "\u201c{}\u201d"
        return self.listed([marks.format(i) for i in items])

    def listed(self, items: list[str]) -> str:
        return ("、" if self.language == "zh" else ", ").join(items)
