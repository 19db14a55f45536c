"""The catalogue of texts and the messages: whole in both languages, and every key used."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from qc_pipeline.errors import UsageError
from qc_pipeline.message import FORMER, VERBATIM, WORDINGS, kinds_of
from qc_pipeline.report.words.catalog import LANGUAGES, in_every_language, texts, texts_under
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.scoring.decisions import Cause, Root
from tools.catalogue import PLACE, pages, read

PACKAGE = Path(__file__).parents[3] / "qc_pipeline"
ABOVE = ("calibration", "cases", "cli", "job", "period", "privacy", "report", "review")
"""The rooms above the catalogue, and its own."""
BELOW = ("asr", "audio", "intake", "sampling", "store", "system", "text")
"""Rooms that hand on messages."""


@cache
def trees(*rooms: str) -> dict[Path, ast.Module]:
    """Parsed when the first test asks: every process of a run collects this file, one runs it."""
    paths = (p for room in rooms for p in sorted((PACKAGE / room).rglob("*.py")))
    return {p: ast.parse(p.read_text(encoding="utf-8")) for p in paths}


TEMPLATES = (
    *sorted((PACKAGE / "report/write/templates").glob("*.html")),
    PACKAGE / "cli" / "draw_proof.html",
)
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


def test_a_key_that_a_language_lacks_or_has_twice_is_told(tmp_path: Path) -> None:
    chinese, english = (tmp_path / f"{language}.po" for language in LANGUAGES)
    for path in (chinese, english):
        path.write_text((PLACE / path.name).read_text(encoding="utf-8"), encoding="utf-8")
    assert pages(tmp_path)[1] == []

    def add(path: Path, key: str) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(f'\nmsgid "{key}"\nmsgstr "B"\n')

    add(chinese, "b")
    add(english, "audio.empty")
    assert pages(tmp_path)[1] == [
        "en.po has no b",
        "audio.empty is kept in one language and told in the other, not in both",
    ]
    add(chinese, "b")
    with pytest.raises(ValueError, match=r"zh.po: b stand twice"):
        pages(tmp_path)
    chinese.write_text('msgid "a"\nmsgstr "A"\n', encoding="utf-8")
    assert "no language tells audio.folder" in pages(tmp_path)[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_and_placeholders_are_plain_names(language: str) -> None:
    for key, text in texts(language).items():
        assert text.strip(), key
        for _, name, spec, conversion in string.Formatter().parse(text):
            assert name is None or name.isidentifier(), key
            assert not spec and not conversion, key


def test_both_languages_say_the_same_and_no_statistics_to_leads() -> None:
    for key, chinese in texts("zh").items():
        if key not in WORDINGS:
            assert placeholders(chinese) == placeholders(texts("en")[key]), key
        if key != "estimation_method":
            assert "置信" not in chinese and "入样概率" not in chinese, key


@pytest.mark.parametrize("code", sorted(WORDINGS.keys() - {VERBATIM}))
def test_a_kept_message_is_told_in_the_language_it_is_not_kept_in(code: str) -> None:
    (language,) = [language for language in LANGUAGES if code in texts(language)]
    assert placeholders(texts(language)[code]) == kinds_of(code).keys()
    assert (language == "en") == bool(re.search("[\u4e00-\u9fff]", WORDINGS[code]))


def test_a_group_of_texts_is_nested_by_its_keys() -> None:
    review = texts_under("zh", "review")
    assert (review["title"], review["kinds"]["held"]) == ("人工复听", "存疑")
    assert texts_under("en", "no such group") == {}


def test_another_language_is_refused() -> None:
    with pytest.raises(UsageError, match="report language 'fr': allowed are zh, en"):
        Translator("fr")
    assert in_every_language("feedback_sheet") == ("问题跟踪反馈表", "Follow-up feedback")


def test_a_value_without_a_word_of_its_own_is_told_as_it_is() -> None:
    t = Translator("zh")
    assert (t.or_raw("state", "draft"), t.or_raw("state", "x"), t.or_raw("contact", "")) == (
        "初评",
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


def _keys(key: ast.expr) -> Iterator[str]:
    """Expressions for the keys that an argument can be; none where it is worked out elsewhere."""
    if isinstance(key, ast.JoinedStr):
        yield _pattern(key)
    elif isinstance(key, ast.Constant):
        yield re.escape(str(key.value))
    elif isinstance(key, ast.IfExp):
        yield from _keys(key.body)
        yield from _keys(key.orelse)


@cache
def _asked() -> tuple[tuple[str, str, frozenset[str] | None], ...]:
    return tuple(_asking())


def _asking() -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """(place, expression for the keys, names of the values) wherever a text is asked for or a
    message is made; None for the values where the call does not tell, or where several keys are
    given the values that any of them takes.
    """
    above = trees(*ABOVE)
    for path, tree in (above | trees(*BELOW)).items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called, key = node.func, node.args[0]
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            place = f"{path.relative_to(PACKAGE)}:{node.lineno}"
            given = frozenset(k.arg or "**" for k in node.keywords)
            if isinstance(called, ast.Call) and ast.unparse(called.func) == "Translator":
                name = "t"
            asks = path in above and name in TRANSLATORS
            if name == "texts_under" and isinstance(node.args[1], ast.Constant):
                yield place, re.escape(f"{node.args[1].value}.") + ".*", None
            if path in above and name == "or_raw" and isinstance(key, ast.Constant):
                yield place, re.escape(f"{key.value}.") + ".*", None
            elif asks or (name == "of" and ast.unparse(called) == "Message.of"):
                telling = isinstance(key, ast.Constant) and "**" not in given
                for pattern in _keys(key):
                    yield place, pattern, given if telling else None
    for path in TEMPLATES:
        for found in re.finditer(r"\bw\('([^']+)'([^)]*)", path.read_text(encoding="utf-8")):
            yield path.name, re.escape(found[1]), None


def _known() -> dict[str, frozenset[str]]:
    """The names of the values of every text and message."""
    kept = {code: frozenset(kinds_of(code)) for code in WORDINGS}
    return kept | {k: frozenset(placeholders(text)) for k, text in texts("en").items()}


def _matching(pattern: str, known: Iterable[str]) -> list[str]:
    plain = pattern.replace("\\", "")
    if re.escape(plain) == pattern:  # most are a whole key, and looking each up takes no time
        return [plain] if plain in known else []
    return [k for k in known if re.fullmatch(pattern, k)]


def test_every_text_that_is_asked_for_is_there_with_its_values() -> None:
    known, seen = _known(), 0
    for place, pattern, values in _asked():
        keys = _matching(pattern, known)
        assert keys, f"{place}: no text {pattern}"
        seen += len(keys)
        if values is not None:
            assert known[keys[0]] == values, f"{place}: {keys[0]} takes {sorted(known[keys[0]])}"
    assert seen > 500


@cache
def _named() -> tuple[frozenset[str], re.Pattern[str]]:
    """Every string of those rooms, and an expression for those put together."""
    words: set[str] = set()
    patterns = {pattern for _, pattern, _ in _asked()}
    for tree in (trees(*ABOVE) | trees(*BELOW)).values():
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


def _unused(known: Iterable[str]) -> list[str]:
    words, made = _named()
    return [key for key in known if key not in words and not made.fullmatch(key)]


@pytest.mark.parametrize(
    ("group", "room"),
    [("review", "review"), ("corrections", "review"), ("calibration.page", "calibration")],
)
def test_each_text_of_a_group_that_a_page_gets_whole_is_named_there(group: str, room: str) -> None:
    kinds = (".py", ".html", ".js")
    pages = [p for p in sorted((PACKAGE / room).rglob("*")) if p.suffix in kinds]
    words = set(re.findall(r"\w+", "\n".join(p.read_text(encoding="utf-8") for p in pages)))
    names = {k.rsplit(".", 1)[1] for k in texts("zh") if k.startswith(f"{group}.")}
    assert len(names) > 10
    assert names - words - {str(code) for code in (*Cause, *Root)} == set()


def test_no_text_is_left_that_nobody_asks_for() -> None:
    assert _unused(_known().keys() - {VERBATIM} - FORMER) == []
    assert _unused(FORMER) == list(FORMER)
    assert _unused(["nobody_asks_for_this"]) == ["nobody_asks_for_this"]
