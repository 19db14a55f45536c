"""Pages are what their templates say now, escaped, however often they are made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, UndefinedError

from qc_pipeline.system.html_page import page_environment, render


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The name of each template that is compiled."""
    names: list[str | None] = []
    generate = Environment._generate

    def noting(self: Environment, *given: Any, **options: Any) -> Any:
        names.append(given[1])
        return generate(self, *given, **options)

    monkeypatch.setattr(Environment, "_generate", noting)
    return names


def test_a_template_is_compiled_once_and_again_when_it_changes(
    tmp_path: Path, compiled: list[str | None]
) -> None:
    page = tmp_path / "page.html"
    page.write_text("<p>{{ name }}</p>", encoding="utf-8")
    assert render(page, name="a<b") == "<p>a&lt;b</p>"
    assert render(page, name="c") == "<p>c</p>"
    assert compiled == ["page.html"]
    page.write_text("<b>{{ name }}</b>", encoding="utf-8")
    assert render(page, name="c") == "<b>c</b>"
    assert compiled == ["page.html"] * 2


def test_templates_of_one_name_in_two_folders_are_two(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.html").write_text(f"{name} {{{{ x }}}}", encoding="utf-8")
    pages = [render(tmp_path / name / "page.html", x=1) for name in ("one", "two", "one")]
    assert pages == ["one 1", "two 1", "one 1"]


def test_an_environment_keeps_its_globals_to_itself(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{{ word }}", encoding="utf-8")
    for word in ("一", "二"):
        environment = page_environment(tmp_path)
        environment.globals["word"] = word
        assert environment.get_template("page.html").render() == word
    with pytest.raises(UndefinedError):
        render(tmp_path / "page.html")
