"""The catalogue of texts: whole in both languages, and every key of it used."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from qc_pipeline.errors import UsageError
from qc_pipeline.report.words.catalog import LANGUAGES, in_every_language, texts
from qc_pipeline.report.words.translate import Translator
from tools.catalogue import PLACE, pages, read

PACKAGE = Path(__file__).parents[3] / "qc_pipeline"
ROOMS = ("calibration", "cases", "cli", "job", "period", "privacy", "report", "review")
"""Those above the catalogue, and its own."""
TREES = {
    p: ast.parse(p.read_text(encoding="utf-8"))
    for room in ROOMS
    for p in sorted((PACKAGE / room).rglob("*.py"))
}
TEMPLATES = sorted((PACKAGE / "report/write/templates").glob("*.html"))
TRANSLATORS = ("t", "w", "words")
"""What a `Translator` is called where it is asked for a text."""


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_keys_and_the_files_are_in_their_own_form() -> None:
    made, wrong = pages(PLACE)
    assert wrong == []
    assert len(texts("zh")) > 600
    for language in LANGUAGES:
        path = PLACE / f"{language}.po"
        assert path.read_text(encoding="utf-8") == made[language], "`make catalogue` writes it"
        assert texts(language) == read(path)


def test_a_key_that_one_language_lacks_or_has_twice_is_told(tmp_path: Path) -> None:
    for language in LANGUAGES:
        (tmp_path / f"{language}.po").write_text('msgid "a"\nmsgstr "A"\n', encoding="utf-8")
    assert pages(tmp_path)[1] == []
    with (tmp_path / "zh.po").open("a", encoding="utf-8") as file:
        file.write('\nmsgid "b"\nmsgstr "B"\n')
    assert pages(tmp_path)[1] == ["en.po has no b"]
    with (tmp_path / "zh.po").open("a", encoding="utf-8") as file:
        file.write('\nmsgid "b"\nmsgstr "C"\n')
    with pytest.raises(ValueError, match=r"zh.po: b stand twice"):
        pages(tmp_path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_and_placeholders_are_plain_names(language: str) -> None:
    for key, text in texts(language).items():
        assert text.strip(), key
        for _, name, spec, conversion in string.Formatter().parse(text):
            assert name is None or name.isidentifier(), key
            assert not spec and not conversion, key


def test_both_languages_say_the_same_and_no_statistics_to_leads() -> None:
    for key, chinese in texts("zh").items():
        assert placeholders(chinese) == placeholders(texts("en")[key]), key
        if key != "estimation_method":
            assert "置信" not in chinese and "入样概率" not in chinese, key


def test_another_language_is_refused() -> None:
    with pytest.raises(UsageError, match="report language 'fr': allowed are zh, en"):
        Translator("fr")
    assert in_every_language("feedback_sheet") == ("问题跟踪反馈表", "Follow-up feedback")


def test_a_value_without_a_word_of_its_own_is_told_as_it_is() -> None:
    t = Translator("zh")
    assert (t.or_raw("state", "draft"), t.or_raw("state", "x"), t.or_raw("contact", "")) == (
        "草稿",
        "x",
        "",
    )
    with pytest.raises(KeyError):
        t("no such key")


def _pattern(node: ast.JoinedStr) -> str:
    """An expression for the keys that an f-string can name."""
    return "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*"
        for part in node.values
    )


def _asked() -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """(place, expression for the keys, names of the values) wherever a text is asked for; None
    for the values where the call does not tell.
    """
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called, key = node.func, node.args[0]
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            place = f"{path.relative_to(PACKAGE)}:{node.lineno}"
            given = frozenset(k.arg or "**" for k in node.keywords)
            values = None if "**" in given else given
            if name == "or_raw" and isinstance(key, ast.Constant):
                yield place, re.escape(f"{key.value}.") + ".*", None
            elif name in TRANSLATORS and isinstance(key, ast.JoinedStr):
                yield place, _pattern(key), values
            elif name in TRANSLATORS and isinstance(key, ast.Constant):
                yield place, re.escape(str(key.value)), values
            elif name in TRANSLATORS and isinstance(key, ast.IfExp):
                for one in (key.body, key.orelse):
                    if isinstance(one, ast.Constant):
                        yield place, re.escape(str(one.value)), values
    for path in TEMPLATES:
        for found in re.finditer(r"\bw\('([^']+)'([^)]*)", path.read_text(encoding="utf-8")):
            yield path.name, re.escape(found[1]), None


def test_every_text_that_is_asked_for_is_there_with_its_values() -> None:
    seen = 0
    for place, pattern, values in _asked():
        keys = [k for k in texts("en") if re.fullmatch(pattern, k)]
        assert keys, f"{place}: no text {pattern}"
        seen += len(keys)
        if values is not None:
            fitting = [k for k in keys if placeholders(texts("en")[k]) <= values]
            assert fitting, f"{place}: {pattern} with {sorted(values)}"
    assert seen > 500


def _named() -> tuple[frozenset[str], re.Pattern[str]]:
    """Every string of those rooms, and an expression for those put together."""
    words: set[str] = set()
    patterns = {pattern for _, pattern, _ in _asked()}
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                patterns.add(_pattern(node))
    for path in TEMPLATES:
        words |= set(re.findall(r"'([^']+)'", path.read_text(encoding="utf-8")))
    # An f-string that begins or ends with a value alone could be anything.
    telling = sorted(p for p in patterns if len(re.sub(r"\.\*|\\", "", p).strip("._ ")) > 2)
    return frozenset(words), re.compile("|".join(telling))


def _unused(known: Mapping[str, str]) -> list[str]:
    words, made = _named()
    return [key for key in known if key not in words and not made.fullmatch(key)]


def test_no_text_is_left_that_nobody_asks_for() -> None:
    assert _unused(texts("zh")) == []
    assert _unused({"nobody_asks_for_this": ""}) == ["nobody_asks_for_this"]
