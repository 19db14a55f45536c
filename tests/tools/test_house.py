"""The check of the house finds what is out of order, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.house import MOST_AT_ROOT, PACKAGE, ROOT, circles, faults

CONTRACT = """\
[[tool.importlinter.contracts]]
name = "floors"
type = "layers"
layers = ["cli", "text", "call : errors"]
"""
FILES = {
    "__init__.py": "",
    "call.py": "class Call: ...\n",
    "errors.py": "",
    "cli/__init__.py": "",
    "cli/main.py": "from house.text.words import Word\nfrom house.call import Call\n",
    "text/__init__.py": "",
    "text/words.py": "class Word: ...\n",
    "text/lines.py": "from house.text import words\n\nclass Line:\n    class _Part: ...\n",
}


def house(
    folder: Path, changed: dict[str, str] | None = None, contract: str = CONTRACT
) -> list[str]:
    for name, text in (FILES | (changed or {})).items():
        path = folder / "house" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "pyproject.toml").write_text(contract, encoding="utf-8")
    return faults(folder / "house", folder / "pyproject.toml")


def test_a_house_in_order_has_no_faults(tmp_path: Path) -> None:
    assert house(tmp_path) == []


def test_this_house_is_in_order() -> None:
    assert faults(ROOT / PACKAGE, ROOT / "pyproject.toml") == []


@pytest.mark.parametrize(
    "back",
    [
        "from house.text.lines import Line\n",
        "from house.text import lines\n",
        "import house.text.lines\n",
        "def later() -> None:\n    from house.text.lines import Line\n",
        "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from house.text.lines import Line\n",
    ],
)
def test_a_circle_is_found_wherever_its_import_stands(back: str, tmp_path: Path) -> None:
    found = house(tmp_path, {"text/words.py": f"{back}\nclass Word: ...\n"})
    assert found[0] == "circle of imports: house.text.lines, house.text.words"
    assert "    house.text.words imports house.text.lines" in found


def test_a_class_name_that_stands_twice_is_found_nested_ones_too(tmp_path: Path) -> None:
    found = house(tmp_path, {"cli/show.py": "class Screen:\n    class Word: ...\n"})
    assert found == ["class Word stands in house.cli.show, house.text.words"]


def test_loose_modules_are_counted(tmp_path: Path) -> None:
    loose = {f"loose{i}.py": "" for i in range(MOST_AT_ROOT - 2)}
    (fault,) = house(tmp_path, loose)
    assert fault.startswith(f"{MOST_AT_ROOT + 1} modules at the root, {MOST_AT_ROOT} allowed")


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ('["cli", "text", "words : call"]', "the contract of layers names words, no room"),
        ('["cli", "call : errors"]', "the contract of layers leaves out text"),
    ],
)
def test_a_contract_names_every_room_and_no_file(layers: str, told: str, tmp_path: Path) -> None:
    contract = CONTRACT.replace('["cli", "text", "call : errors"]', layers)
    assert told in house(tmp_path, contract=contract)


def test_two_circles_are_told_apart() -> None:
    graph = {
        "a": frozenset({"b"}),
        "b": frozenset({"a", "c"}),
        "c": frozenset({"d"}),
        "d": frozenset({"c"}),
        "e": frozenset({"a"}),
    }
    assert circles(graph) == (("a", "b"), ("c", "d"))
