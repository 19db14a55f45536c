"""Writes the catalogue of texts in its own form: `make catalogue`, after a change to locale/*.po.

Both files hold the same keys in the same order; above each text stands what the other language
says, so that a translator reads both. A message whose wording is kept (`qc_pipeline.message`)
stands in one file, that of the language it is not kept in. A text that is missing is told and ends
with status 1.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from babel.messages.pofile import normalize, read_po

from qc_pipeline.message import VERBATIM, WORDINGS
from qc_pipeline.report.words.catalog import LANGUAGES

PLACE = Path(__file__).parents[1] / "qc_pipeline/report/words/locale"
HEAD = """\
# Texts of qc-pipeline. docs/translating.md says how to add or to correct one.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""
WIDTH = 100


def read(path: Path) -> dict[str, str]:
    """Key → text, in the order of the file. Raises ValueError where a key stands twice."""
    named = Counter(re.findall(r'^msgid "(.+)"$', path.read_text(encoding="utf-8"), re.M))
    twice = sorted(key for key, n in named.items() if n > 1)
    if twice:
        raise ValueError(f"{path.name}: {', '.join(twice)} stand twice")
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, abort_invalid=True) if m.id}


def kept(code: str) -> str:
    """The wording of a message that is kept, its placeholders as a catalogue has them."""
    return re.sub(r"\{(\w+):[^}]*\}", r"{\1}", WORDINGS[code])


def written(language: str, texts: Mapping[str, str], other: Mapping[str, str]) -> str:
    """The file of a language."""
    parts = [HEAD.format(language=language)]
    for key in texts:
        flag = "#, python-brace-format\n" if "{" in texts[key] else ""
        # A line break in a comment would begin something else.
        beside = (other.get(key) or kept(key)).replace("\n", "\\n")
        text = normalize(texts[key], width=WIDTH)
        parts.append(f"\n#. {beside}\n{flag}msgid {normalize(key)}\nmsgstr {text}\n")
    return "".join(parts)


def pages(place: Path) -> tuple[dict[str, str], list[str]]:
    """(text of each file in its own form, what is wrong)."""
    first, second = ((language, read(place / f"{language}.po")) for language in LANGUAGES)
    wrong = []
    for (language, here), there in ((first, second[1]), (second, first[1])):
        lacking = sorted(there.keys() - here.keys() - WORDINGS.keys())
        wrong += [f"{language}.po has no {key}" for key in lacking]
    both = sorted(first[1].keys() & second[1].keys() & WORDINGS.keys())
    wrong += [f"{key} is kept in one language and told in the other, not in both" for key in both]
    missing = sorted(WORDINGS.keys() - first[1].keys() - second[1].keys() - {VERBATIM})
    wrong += [f"no language tells {key}" for key in missing]
    if wrong:
        return {}, wrong
    order = {key: n for n, key in enumerate([*first[1], *WORDINGS])}
    alike = {key: second[1][key] for key in sorted(second[1], key=order.__getitem__)}
    return {
        first[0]: written(first[0], first[1], second[1]),
        second[0]: written(second[0], alike, first[1]),
    }, []


def main() -> int:
    made, wrong = pages(PLACE)
    for language, text in made.items():
        (PLACE / f"{language}.po").write_text(text, encoding="utf-8")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
