"""Tables at a terminal: expected lines are laid out by hand, a Chinese character two columns."""

from __future__ import annotations

import pytest

from qc_pipeline.cli.tables import TerminalRow, figures, ids, table_lines, texts
from tests.pseudo_terminal import cells

HEADS = (*figures("编号"), *ids("状态", "录音编号"), *texts("业务组"), *figures("rate of all"))
ROWS = (
    TerminalRow(
        cells=("12", "待反馈", "rec-0001", "华东区电话服务二组夜班（代班）", "0.25–0.50"),
        below=("客户要求退款，坐席答应三天内回电，至今没有回电记录，请今天内回电",),
    ),
    TerminalRow(cells=("3", "逾期", "rec-2", "二组", "1.00")),
)


def table(width: int, rows: tuple[TerminalRow, ...] = ROWS) -> list[str]:
    return list(table_lines(HEADS, rows, width))


def test_columns_of_chinese_are_aligned() -> None:
    assert table(120) == [
        "编号  状态    录音编号  业务组                          rate of all",
        "────  ──────  ────────  ──────────────────────────────  ───────────",
        "  12  待反馈  rec-0001  华东区电话服务二组夜班（代班）    0.25–0.50",
        "    客户要求退款，坐席答应三天内回电，至今没有回电记录，请今天内回电",
        "   3  逾期    rec-2     二组                                   1.00",
    ]


def test_names_break_where_room_is_short_and_no_line_ends_with_an_opening_bracket() -> None:
    # 4 + 6 + 8 + 11 columns and four gaps leave 23 of 60: 11 characters and one column over.
    assert table(60) == [
        "编号  状态    录音编号  业务组                   rate of all",
        "────  ──────  ────────  ───────────────────────  ───────────",
        "  12  待反馈  rec-0001  华东区电话服务二组夜班     0.25–0.50",
        "                        （代班）",
        "    客户要求退款，坐席答应三天内回电，至今没有回电记录，请今",
        "      天内回电",
        "   3  逾期    rec-2     二组                            1.00",
    ]


def test_heads_break_before_a_row_becomes_a_block() -> None:
    # 4 + 6 + 8 + 11 columns and four gaps leave 11 of 48, a name wants 12: with the head in three
    # lines the figures need 9 and leave 13.
    assert table(48)[:5] == [
        "                                            rate",
        "                                              of",
        "编号  状态    录音编号  业务组               all",
        "────  ──────  ────────  ─────────────  ─────────",
        "  12  待反馈  rec-0001  华东区电话服   0.25–0.50",
    ]


def test_where_ids_and_figures_leave_no_room_a_row_is_a_block() -> None:
    assert table(44) == [
        "编号         12",
        "状态         待反馈",
        "录音编号     rec-0001",
        "业务组       华东区电话服务二组夜班（代班）",
        "rate of all  0.25–0.50",
        "    客户要求退款，坐席答应三天内回电，至今没",
        "      有回电记录，请今天内回电",
        "",
        "编号         3",
        "状态         逾期",
        "录音编号     rec-2",
        "业务组       二组",
        "rate of all  1.00",
    ]


@pytest.mark.parametrize("width", [20, 40, 41, 48, 59, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal_and_no_id_is_cut(width: int) -> None:
    long_id = "20261116-093000-A0017-13800000000"
    rows = (*ROWS, TerminalRow(cells=("4", "已办结", long_id, "三组", "0.5"), below=("见" * 70,)))
    lines = table(width, rows)
    assert max(map(cells, lines)) <= max(width, 40)
    said = "".join(line.strip() for line in lines)
    assert long_id in said or width < 48  # folded then, but whole
    assert long_id in said.replace(" ", "")
    assert said.count("见") == 70
    assert sum(line.count("二组夜班") for line in lines) <= 1


def test_names_are_no_markup_and_hold_no_control_characters() -> None:
    rows = (
        TerminalRow(
            cells=("1", "逾期", "rec-\x1b[31m3", "[red]王小明[/red] :smile:\u202e\x07", "1.00"),
            below=("[bold]退款\r\n\x1b]0;title\x07",),
        ),
    )
    lines = table(80, rows)
    assert "rec- [31m3  [red]王小明[/red] :smile:" in lines[2]
    assert lines[3] == "    [bold]退款   ]0;title "
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set("\n".join(lines))


def test_a_table_without_rows_is_nothing() -> None:
    assert table(80, ()) == []


def test_what_stands_before_a_word_stays() -> None:
    heads = (*texts("criterion"), *figures("5%"))
    rows = (TerminalRow(cells=("greeting", "4")), TerminalRow(cells=("  pass → fail", "1")))
    assert list(table_lines(heads, rows, 80)) == [
        "criterion      5%",
        "─────────────  ──",
        "greeting        4",
        "  pass → fail   1",
    ]


def test_a_dumb_terminal_has_its_own_width_and_no_emphasis(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert table(120)[0] == "编号  状态    录音编号  业务组                          rate of all"
    rows = (TerminalRow(cells=("1", "逾期", "r1", "组" * 60, "1.00")),)
    assert cells(table(160, rows)[2]) > 120
