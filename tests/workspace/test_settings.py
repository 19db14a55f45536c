"""qc.toml: what is right is read, what is wrong is told with its line, all of it at once."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from qc_pipeline.errors import InputError
from qc_pipeline.report.targets import ServiceTargets
from qc_pipeline.workspace.settings import Settings, load_settings, parse_settings
from qc_pipeline.workspace.toml_places import locate

MINIMAL = '[paths]\ncalls = "calls.csv"\nrecordings = "rec"\n'


def settings(text: str) -> Settings:
    found, problems = parse_settings(text, root=Path("/w"))
    assert problems == []
    assert found is not None
    return found


def problems(text: str) -> list[str]:
    _, found = parse_settings(text, root=Path("/w"))
    return [str(p) for p in found]


def test_two_paths_are_enough() -> None:
    found = settings(MINIMAL)
    assert found.calls_path == Path("/w/calls.csv")
    assert found.recordings_root == Path("/w/rec")
    assert found.report_root == Path("/w/report")
    assert found.store_url() == "sqlite:////w/qc.sqlite"
    assert found.calls.bad_rows == "stop"
    assert found.rubrics.default == "inbound-zh"


def test_absolute_database_stays_where_it_is() -> None:
    assert settings(MINIMAL + '[store]\nurl = "sqlite:////data/qc.sqlite"\n').store_url() == (
        "sqlite:////data/qc.sqlite"
    )


def test_template_of_init_is_right() -> None:
    text = files("qc_pipeline.cli").joinpath("qc.toml.template").read_text(encoding="utf-8")
    found = settings(text)
    assert found.sampling.machine_hours == 8
    assert found.review.calls_an_agent_a_month == 4
    assert found.calendar.window_days == 2


def test_every_commented_key_of_the_template_is_right_too() -> None:
    text = files("qc_pipeline.cli").joinpath("qc.toml.template").read_text(encoding="utf-8")
    lines = [re.sub(r"^# (?=\[|\w+ = )", "", line) for line in text.splitlines()]
    # Of the three budgets one can be written.
    others = ("budget_minutes", "budget_calls")
    shown = "\n".join(line for line in lines if not line.startswith(others))
    found = settings(shown)
    assert found.people["wang"].deputy == "li"
    assert found.calendar.holidays == (date(2026, 12, 31),)
    assert found.rubrics.business == {"投诉": "complaint-zh"}


def test_every_mistake_is_told_with_its_line() -> None:
    text = MINIMAL + (
        "[calls]\n"
        'bad_rows = "skip"\n'
        'zone = "Asia/Shanghia"\n'
        "[asr]\n"
        "modle = 'small'\n"
        "[report]\n"
        "language = 3\n"
        "[extra]\n"
    )
    found = problems(text)
    assert sorted(int(line.split(":")[1]) for line in found) == [5, 6, 8, 10, 11]
    told = "\n".join(found)
    assert "'skip'" in told
    assert "IANA" in told
    assert "unknown key 'asr.modle'" in told
    assert 'did you mean "model"?' in told
    assert "unknown key 'extra'" in told


def test_missing_paths_are_told() -> None:
    found, told = parse_settings("[calls]\nbad_rows = 'stop'\n", root=Path("/w"))
    assert found is None
    assert [str(p) for p in told] == ["qc.toml: 'paths' is missing"]


def test_text_that_is_no_toml_is_told_with_line_and_column() -> None:
    (told,) = problems("[paths\ncalls = 1\n")
    assert told.startswith("qc.toml:1:")
    assert "not TOML" in told


def test_wrong_table_leaves_the_others_usable() -> None:
    found, told = parse_settings(MINIMAL + "[sampling]\nbudget_calls = 'many'\n", root=Path("/w"))
    assert found is not None
    assert found.calls_path == Path("/w/calls.csv")
    assert len(told) == 1


def test_root_is_no_key_of_the_file() -> None:
    assert problems('root = "/elsewhere"\n' + MINIMAL) == ["qc.toml:1: unknown key 'root'"]


def test_folder_without_settings_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="this folder is not a workspace – `qc init`"):
        load_settings(tmp_path)


def test_settings_that_are_no_text_are_said(tmp_path: Path) -> None:
    (tmp_path / "qc.toml").write_bytes(b"\xff\xfe\x00[")
    with pytest.raises(InputError, match="is not UTF-8 text"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("loc", "line"),
    [
        (["a"], 1),
        (["a", "x"], 2),
        (["a", "b", "y"], 4),
        (["a", "b", "z"], 3),
        (["c", "d"], 6),
        (["q"], None),
    ],
)
def test_locate_finds_the_line_of_a_key_or_its_parent(loc: list[str], line: int | None) -> None:
    text = "[a]\nx = 1\n[a.b]\ny = 2\n[c]\nd = 3\n"
    assert locate(text, loc) == line


def test_chinese_keys_need_no_quotes() -> None:
    text = MINIMAL + (
        '[calls.values]\ncontact = {首次 = "first", "重复" = "repeat"}  # 首次 = 注释\n'
        '[calls.columns]\nteam = "班组 = 名"\n[rubrics.business]\n投诉 = "complaint-zh"\n'
    )
    found = settings(text)
    assert found.calls.values == {"contact": {"首次": "first", "重复": "repeat"}}
    assert found.calls.columns == {"team": "班组 = 名"}
    assert found.rubrics.business == {"投诉": "complaint-zh"}


def test_targets_of_the_file_are_the_report_s_own() -> None:
    """One model: what `[targets]` sets reaches the report, and a share above 1 is refused there."""
    targets = settings(MINIMAL + "[targets]\nsatisfaction = 0.5\n").targets
    assert isinstance(targets, ServiceTargets)
    assert (targets.satisfaction, targets.answer_rate) == (0.5, 0.9)
    (told,) = problems(MINIMAL + "[targets]\nsatisfaction = 1.5\n")
    assert told.startswith("qc.toml:5: 'targets.satisfaction' is not right; found 1.5")


def test_own_numbers_are_kept_as_digits() -> None:
    found = settings(MINIMAL + '[calls]\nown_numbers = ["(010) 1234-5678", "４００ 800 1234"]\n')
    assert found.calls.own_numbers == ("01012345678", "4008001234")
    assert settings(MINIMAL).calls.own_numbers == ()


@pytest.mark.parametrize("wrong", ['"12"', '"400-TAXI"', '"9"', "10086", f'"{"1" * 21}"'])
def test_own_numbers_that_are_none_are_told_with_their_line(wrong: str) -> None:
    (told,) = problems(MINIMAL + f"[calls]\nown_numbers = [\n  {wrong}]\n")
    assert told.startswith("qc.toml:5:") or told.startswith("qc.toml:6:")
    assert "calls.own_numbers.0" in told
