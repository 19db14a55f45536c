"""The quick way into a CSV gives what the careful way gives, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc_pipeline.call_table import objects
from qc_pipeline.intake import table_file
from qc_pipeline.intake.fast_csv import plain_columns
from qc_pipeline.intake.table_file import read_grid
from qc_pipeline.intake.typed_columns import clean_paths, parse_times

CELLS = st.text(alphabet="ab,;\t \"'\r\n01-:\u3000\u00a0\u2003\u0085呼叫“”é\x1c", max_size=4)
EXAMPLES = ("a,b\n1,2\n", "a,b\r\n1,2", "\ufeffa,b\n1,\n,2\n", "a;b\n;\n1;2\n", "呼,叫\n投,诉\n")


def grids(content: bytes) -> tuple[object, object]:
    """(quick and careful together, careful alone), each a grid or the error's text."""

    def read() -> object:
        try:
            grid = read_grid(Path("x.csv"), content)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        columns = tuple(c.tolist() for c in grid.columns)
        return grid.header, columns, grid.rows.tolist(), grid.long_rows

    both = read()
    quick = table_file.plain_columns
    table_file.plain_columns = lambda content, separator: None
    try:
        return both, read()
    finally:
        table_file.plain_columns = quick


@settings(deadline=None)  # the first example imports pandas
@given(st.lists(st.lists(CELLS, min_size=2, max_size=3), min_size=1, max_size=4), st.booleans())
def test_any_text_is_read_the_same_both_ways(rows: list[list[str]], ends: bool) -> None:
    text = "\n".join(",".join(row) for row in rows) + ("\n" if ends else "")
    quick, careful = grids(text.encode())
    assert quick == careful


@pytest.mark.parametrize("text", EXAMPLES)
def test_plain_files_take_the_quick_way_and_are_read_the_same(text: str) -> None:
    content = text.encode()
    separator = ";" if ";" in text else ","
    assert plain_columns(content.removeprefix(b"\xef\xbb\xbf"), separator) is not None
    quick, careful = grids(content)
    assert quick == careful


@pytest.mark.parametrize(
    "text",
    ["a,b\n1\n", "a,b\n1,2,3\n4\n", 'a,b\n"1",2\n', "a,b\n 1,2\n", "a,b\n1,2\u3000\n", "a,b\r1,2\n",
     "a,b\n1,\u00a0x\n", "a,b\n\n1,2\n", "a,b\n1\u2009,2\n"],
)  # fmt: skip
def test_what_needs_care_is_left_to_the_careful_way(text: str) -> None:
    assert plain_columns(text.encode(), ",") is None


PATHS = st.lists(
    st.text(alphabet="ab/.~:\\\n ", max_size=6) | st.sampled_from(["a/b.wav", ""]), max_size=4
)


@settings(deadline=None)
@given(PATHS)
def test_paths_seen_all_together_are_judged_as_one_by_one(paths: list[str]) -> None:
    root = Path("/nonexistent/recordings")
    together = clean_paths(objects(paths), root)
    for i, path in enumerate(paths):
        # A path that needs a closer look beside it sends both the way of one by one.
        (alone, _), wrong = clean_paths(objects([path, "~"]), root)
        assert together[0].tolist()[i] == alone
        assert together[1].get(i) == wrong.get(0)


@settings(deadline=None)
@given(st.lists(st.sampled_from(
    ["2026-11-16T09:30:00", "2026-11-16 09:30:00", "2026-13-16T09:30:00", "2026-11-16T24:30:00",
     "2026/11/16T09:30:00", "二〇二六年十一月十六日九点三十分零零秒整整", "0000-00-00T00:00:00"]
), min_size=1, max_size=5))  # fmt: skip
def test_times_seen_all_together_are_read_as_one_by_one(texts: list[str]) -> None:
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Asia/Shanghai")
    together = parse_times(objects(texts), zone)
    alone = parse_times(objects([*texts, "2026-11-16T09:30"]), zone)
    assert together.start_us.tolist() == alone.start_us.tolist()[:-1]
    assert together.bad.tolist() == alone.bad.tolist()[:-1]
