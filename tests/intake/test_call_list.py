"""The call list as people hand it in: what is read, and what is said about every bad row."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from qc_pipeline.errors import InputError
from qc_pipeline.intake.call_list import (
    CallList,
    read_call_list,
    with_contacts,
    with_durations,
    without_duration,
)
from tests.shared_data import shared_case

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
HEADER = "recording_id,path,start_time,agent_id"
GOOD = "r1,a/r1.wav,2026-11-16T09:00:00,7001"


def read(path: Path, **options: Any) -> CallList:
    options = {"zone": SHANGHAI, "recordings_root": path.parent / "recordings"} | options
    return read_call_list(path, **options)


def written(folder: Path, text: str, *, encoding: str = "utf-8", name: str = "calls.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def problems(path: Path, **options: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(path, **options)
    prefix = str(path.parent) + "/"
    return [str(p).replace(prefix, "") for p in caught.value.problems]


def test_row_becomes_a_recording_with_local_time_and_typed_fields(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        f"{HEADER},duration_s,mystery,direction,satisfaction,hire_date,note\n"
        f"{GOOD},61.5,false,in,满意,2026-10-01,VIP\n",
    )
    calls = read(path)
    (recording,) = calls.recordings
    assert recording.recording_id == "r1"
    assert recording.path == "a/r1.wav"
    assert recording.start_time.isoformat() == "2026-11-16T09:00:00+08:00"
    assert recording.agent_id == "7001"
    assert recording.row == 2
    assert dict(recording.fields) == {
        "duration_s": 61.5,
        "mystery": False,
        "direction": "in",
        "satisfaction": "满意",
        "hire_date": "2026-10-01",
        "note": "VIP",
    }
    assert calls.days() == (date(2026, 11, 16),)
    assert calls.problems == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_of_spreadsheet_programs_are_read(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, f"{HEADER},team\n{GOOD},投诉组\n", encoding=encoding)
    assert read(path).recordings[0].fields["team"] == "投诉组"


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_told_from_the_header(tmp_path: Path, separator: str) -> None:
    text = f"{HEADER}\n{GOOD}\n".replace(",", separator)
    assert read(written(tmp_path, text)).recordings[0].agent_id == "7001"


def test_bytes_of_no_text_are_named_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_bytes(HEADER.encode() + b"\nr1,\xff\xff,x,y\n")
    assert problems(path) == ["calls.csv:2: is neither UTF-8 nor GB18030 text"]


def test_spreadsheet_cells_are_read_as_a_person_typed_them(tmp_path: Path) -> None:
    path = tmp_path / "calls.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for column, name in enumerate([*HEADER.split(","), "duration_s", "mystery", "work_order"]):
        sheet.write(0, column, name)
    sheet.write_row(1, 0, ["r1", "r1.wav"])
    sheet.write_datetime(1, 2, datetime(2026, 11, 16, 9, 30), day)
    sheet.write_row(1, 3, [7001, 61.25, True, 20261116])
    book.close()
    (recording,) = read(path).recordings
    assert recording.start_time == datetime(2026, 11, 16, 9, 30, tzinfo=SHANGHAI)
    assert recording.agent_id == "7001"
    assert dict(recording.fields) == {
        "duration_s": 61.25,
        "mystery": True,
        "work_order": "20261116",
    }


def test_file_that_is_no_spreadsheet_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "calls.xlsx"
    path.write_bytes(b"PK no zip")
    assert problems(path)[0].startswith("calls.xlsx: cannot be read as a spreadsheet")


def test_parquet_without_its_package_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "calls.parquet"
    path.write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    (text,) = problems(path)
    assert "Parquet needs the package pyarrow" in text
    assert "qc-pipeline[parquet]" in text


def test_parquet_columns_are_read_as_typed(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as parquet

    path = tmp_path / "calls.parquet"
    table = pyarrow.table(
        {
            "recording_id": ["r1", "r2"],
            "path": ["r1.wav", None],
            "start_time": [datetime(2026, 11, 16, 9), datetime(2026, 11, 16, 10, tzinfo=None)],
            "agent_id": [7001, None],
            "answered": [True, False],
            "duration_s": [61.5, None],
        }
    )
    parquet.write_table(table, path)
    first, second = read(path).recordings
    assert first.agent_id == "7001"
    assert first.fields["duration_s"] == 61.5
    assert second.answered is False
    assert second.path is None


@pytest.mark.parametrize(
    "columns",
    [{"编号": "recording_id", "工号": "agent_id"}, {"recording_id": "编号", "agent_id": "工号"}],
)
def test_headers_are_mapped_whichever_way_round(tmp_path: Path, columns: Mapping[str, str]) -> None:
    path = written(tmp_path, "编号,path,start_time,工号\n" + GOOD + "\n")
    recording = read(path, columns=columns).recordings[0]
    assert (recording.recording_id, recording.agent_id) == ("r1", "7001")


def test_chinese_names_of_known_fields_need_no_mapping(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "录音编号,录音文件,开始时间,坐席工号,通话时长,呼叫方向,神秘顾客\n"
        "r1,a.wav,2026/11/16 9:05,7001,0:02:03,呼入,是\n",
    )
    recording = read(path).recordings[0]
    assert recording.start_time.isoformat() == "2026-11-16T09:05:00+08:00"
    assert dict(recording.fields) == {"duration_s": 123, "direction": "in", "mystery": True}


def test_values_are_mapped_before_they_are_checked(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEADER},contact,resolved\n{GOOD},新客,办结\n")
    values = {"contact": {"新客": "first"}, "resolved": {"办结": True}}
    fields = read(path, values=values).recordings[0].fields
    assert dict(fields) == {"contact": "first", "resolved": True}


def test_mapping_of_a_column_that_is_not_there_is_a_mistake_of_the_settings(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEADER}\n{GOOD}\n")
    (text,) = problems(path, columns={"agent": "agent_name"})
    assert text.startswith("qc.toml: [calls.columns] names a column that calls.csv does not have")
    assert 'did you mean "agent_id"?' in text
    (text,) = problems(path, values={"direction": {"x": "in"}})
    assert text.startswith("qc.toml: [calls.values] names a field")


def test_missing_columns_are_all_named(tmp_path: Path) -> None:
    path = written(tmp_path, "recording_id,start,agent_id\nr1,x,y\n")
    texts = problems(path)
    assert [t.split(";")[0] for t in texts] == [
        "calls.csv:1: column path is missing",
        "calls.csv:1: column start_time is missing",
    ]
    assert 'did you mean "start"?' in texts[1]


def test_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEADER},班组,team\n{GOOD},a,b\n")
    assert problems(path) == [
        'calls.csv:1: a column stands twice; found "班组" and "team", both read as team'
    ]


BAD = f"""{HEADER},duration_s,answered,direction
{GOOD},12,true,in
r2,../b.wav,2026-13-16T09:00:00,7,-2,maybe,sideways

r3,/b.wav,2026-11-16,7,3,,
r3,C:\\b.wav,2026-11-16 9:05,7,nan,,
r4,,2026-11-16T09:00:00Z,,5,false,
r5,,2026-11-16T09:00:00Z,,5,true,,extra
,x.wav,,8,,,
"""


def test_every_bad_row_is_named_with_what_was_found_and_what_is_allowed(tmp_path: Path) -> None:
    texts = problems(written(tmp_path, BAD))
    beginnings = [t.split(";")[0].split(" –")[0] for t in texts]
    assert beginnings == [
        "calls.csv:3: answered is not right",
        "calls.csv:3: direction is not right",
        "calls.csv:3: duration_s is not right",
        "calls.csv:3: path leads outside the recordings root",
        "calls.csv:3: start_time is not a date with a time",
        "calls.csv:5: path is absolute",
        "calls.csv:5: recording_id is not unique",
        "calls.csv:5: start_time is not a date with a time",
        "calls.csv:6: duration_s is not right",
        "calls.csv:6: path is absolute",
        "calls.csv:6: recording_id is not unique",
        "calls.csv:8: agent_id is empty, yet answered",
        "calls.csv:8: has more cells than the header",
        "calls.csv:8: path is empty, yet the call was answered",
        "calls.csv:9: recording_id is empty",
        "calls.csv:9: start_time is empty",
    ]
    assert '; found "sideways"; allowed: in, out' in texts[1]
    allowed = "seconds from 0 to 86400 s (24 h), or H:MM:SS"
    assert f'; found "-2"; allowed: {allowed}' in texts[2]
    assert "the same id stands in rows 5, 6" in texts[6]


IMPOSSIBLE = ("-1", "nan", "inf", "-inf", "1e9", "86401", "24:00:01", "9999:00:00")


def test_lengths_that_no_call_has_are_refused_with_row_and_what_is_allowed(tmp_path: Path) -> None:
    time = "2026-11-16T09:00:00"
    possible = ("0", "0.4", "", "86400", "24:00:00")
    lengths = (*possible, *IMPOSSIBLE)
    rows = [f"r{i},r{i}.wav,{time},7,{length},{length}" for i, length in enumerate(lengths)]
    path = written(tmp_path, "\n".join([f"{HEADER},duration_s,note", *rows]))
    rules = "allowed: seconds from 0 to 86400 s (24 h), or H:MM:SS"
    assert problems(path) == [
        f'calls.csv:{row}: duration_s is not right; found "{length}"; {rules}'
        for row, length in enumerate(IMPOSSIBLE, start=2 + len(possible))
    ]
    calls = read(path, bad_rows="exclude")
    known = [0.0, 0.4, None, 86400.0, 86400.0]
    assert [r.duration_s for r in calls.recordings] == known
    assert [p.line for p in calls.problems] == list(range(7, 7 + len(IMPOSSIBLE)))


def test_other_seconds_have_no_upper_bound(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEADER},queue_s\n{GOOD},100000\n")
    assert [r.fields["queue_s"] for r in read(path).recordings] == [100000]


def test_bad_rows_can_be_left_out_and_are_listed(tmp_path: Path) -> None:
    calls = read(written(tmp_path, BAD), bad_rows="exclude")
    assert [r.recording_id for r in calls.recordings] == ["r1", "r4"]
    assert [r.row for r in calls.recordings] == [2, 7]
    assert {p.line for p in calls.problems} == {3, 5, 6, 8, 9}


def test_list_of_which_no_row_is_left_stops(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEADER}\nr1,a.wav,yesterday,7\n")
    assert problems(path, bad_rows="exclude")[0] == "calls.csv: no row is left"


def test_equal_rows_are_kept_once_and_different_ones_of_an_id_not_at_all(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEADER}\n{GOOD}\n{GOOD}\nr2,a.wav,2026-11-16 09:00,7\n"
                             "r2,b.wav,2026-11-16 09:00,7\n")  # fmt: skip
    calls = read(path, bad_rows="exclude")
    assert [r.recording_id for r in calls.recordings] == ["r1"]
    assert [(p.line, p.message) for p in calls.problems] == [
        (3, "the same row again"),
        (4, "recording_id is not unique"),
        (5, "recording_id is not unique"),
    ]


def test_thousands_of_rows_bad_in_one_way_are_all_named_in_few_lines(tmp_path: Path) -> None:
    rows = "".join(f"r{i},a.wav,never,7\n" for i in range(5000))
    texts = problems(written(tmp_path, f"{HEADER}\n{rows}"))
    assert len(texts) == 101
    assert any("as in 4900 rows in all from here on; found rows 102–5001" in t for t in texts)


def test_quotation_mark_never_closed_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, f'{HEADER}\n{GOOD}\nr2,"a.wav,2026-11-16 09:00,7\n')
    (text,) = problems(path)
    assert text.startswith("calls.csv:3: a quotation mark is opened and never closed")


@pytest.mark.parametrize("content", [b"", b"  \n", b"\xef\xbb\xbf"])
def test_empty_file_is_said_to_be_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "calls.csv"
    path.write_bytes(content)
    assert problems(path) == ["calls.csv: the file is empty"]


def test_header_alone_holds_no_calls(tmp_path: Path) -> None:
    assert problems(written(tmp_path, HEADER + "\n")) == ["calls.csv: holds no calls"]


def test_missing_file_and_unknown_kind_are_refused(tmp_path: Path) -> None:
    assert problems(tmp_path / "calls.csv")[0].startswith("calls.csv: no such file")
    path = written(tmp_path, "x", name="calls.pdf")
    assert problems(path)[0].startswith("calls.pdf: a call list is one of .csv")


def test_symbolic_links_out_of_the_recordings_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "recordings"
    (root / "week").mkdir(parents=True)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.wav").touch()
    (root / "week" / "in.wav").touch()
    (root / "away").symlink_to(outside)
    (root / "week" / "link.wav").symlink_to(outside / "secret.wav")
    (root / "week" / "kept.wav").symlink_to(root / "week" / "in.wav")
    rows = ["away/secret.wav", "week/link.wav", "week/kept.wav", "week\\in.wav", "./week//in.wav"]
    text = HEADER + "".join(f"\nr{i},{p},2026-11-16 09:00,7" for i, p in enumerate(rows))
    path = written(tmp_path, text)
    assert [t.split(";")[0] for t in problems(path)] == [
        f"calls.csv:{row}: path leads outside the recordings root through a symbolic link"
        for row in (2, 3)
    ]
    kept = read(path, bad_rows="exclude").recordings
    assert [r.path for r in kept] == ["week/kept.wav", "week/in.wav", "week/in.wav"]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-16T09:00:00", "2026-11-16T01:00:00"),
        ("2026-11-16 09:00", "2026-11-16T01:00:00"),
        ("2026-11-16T09:00:00Z", "2026-11-16T09:00:00"),
        ("2026-11-16T09:00:00+0530", "2026-11-16T03:30:00"),
        ("2026-11-16T09:00:00.250-05:00", "2026-11-16T14:00:00.250000"),
        ("20261116T090000", "2026-11-16T01:00:00"),
        ("2026/11/6 9:05", "2026-11-06T01:05:00"),
        ("2026年11月16日 9时5分", "2026-11-16T01:05:00"),
        ("2026-11-16 9\uff1a05\uff1a00", "2026-11-16T01:05:00"),
        ("2026.11.16 9:05:07", "2026-11-16T01:05:07"),
    ],
)
def test_times_of_many_programs_are_one_moment(tmp_path: Path, text: str, utc: str) -> None:
    path = written(tmp_path, f"{HEADER}\nr1,a.wav,{text},7\nr2,a.wav,2026-11-16T09:00:00Z,7\n")
    moment = read(path).recordings[0].start_time
    assert moment.astimezone(UTC).replace(tzinfo=None).isoformat() == utc
    assert moment.tzinfo == SHANGHAI


@pytest.mark.parametrize(
    "text", ["2026-11-16", "09:00", "2026-02-30 09:00", "2026-11-16 25:00", "1900-01-01 09:00", "7"]
)
def test_what_is_no_date_with_a_time_is_bad(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, f"{HEADER}\nr1,a.wav,{text},7\n")
    assert problems(path)[0].startswith("calls.csv:2: start_time is not a date with a time")


def test_hour_that_a_clock_repeats_is_the_first_and_warned_of(tmp_path: Path) -> None:
    # New York goes back from 02:00 to 01:00 on 1 November 2026.
    path = written(tmp_path, f"{HEADER}\nr1,a.wav,2026-11-01T01:30:00,7\n")
    calls = read(path, zone=NEW_YORK)
    assert calls.recordings[0].start_time.isoformat() == "2026-11-01T01:30:00-04:00"
    (warning,) = calls.warnings
    assert warning.severity == "warning"
    assert "shows this time twice; the first is taken" in str(warning)


def test_hour_that_a_clock_skips_is_read_as_before_the_change_and_warned_of(tmp_path: Path) -> None:
    # New York goes forward from 02:00 to 03:00 on 8 March 2026.
    path = written(tmp_path, f"{HEADER}\nr1,a.wav,2026-03-08T02:30:00,7\n")
    calls = read(path, zone=NEW_YORK)
    assert calls.recordings[0].start_time.isoformat() == "2026-03-08T03:30:00-04:00"
    assert "skips this time" in str(calls.warnings[0])


def test_contact_is_told_from_the_thirty_days_before(tmp_path: Path) -> None:
    rows = [
        ("r1", "2026-10-01 09:00", "K1", "", "", ""),
        ("r2", "2026-10-30 09:00", "K1", "", "", ""),  # 29 days after r1
        ("r3", "2026-11-30 09:00", "K1", "", "", ""),  # 31 days after r2
        ("r4", "2026-11-30 10:00", "", "139", "", ""),
        ("r5", "2026-11-30 11:00", "K9", "139", "", ""),  # the same number as r4
        ("r6", "2026-11-30 12:00", "K9", "", "", "first"),  # what the list says stands
        ("r7", "2026-11-30 12:00", "", "", "", ""),
        ("r8", "2026-11-30 12:00", "K5", "", "false", ""),
        ("r9", "2026-11-30 13:00", "K5", "", "", ""),  # nobody took r8
    ]
    text = f"{HEADER},customer_id,caller_number,answered,contact"
    text += "".join(f"\n{i},a.wav,{t},7,{k},{n},{a},{c}" for i, t, k, n, a, c in rows)
    calls = read(written(tmp_path, text))
    assert {r.recording_id: r.fields.get("contact") for r in calls.recordings} == {
        "r1": "first",
        "r2": "repeat",
        "r3": "first",
        "r4": "first",
        "r5": "repeat",
        "r6": "first",
        "r7": None,
        "r8": None,
        "r9": "first",
    }


def test_contact_counts_calls_that_the_store_knows(tmp_path: Path) -> None:
    text = f"{HEADER},customer_id,contact\nr1,a.wav,2026-11-16 09:00,7,K1,\n"
    calls = read(written(tmp_path, text + "r2,a.wav,2026-11-16 09:00,7,K2,first\n"))
    columns = {**calls.recordings.columns}
    columns["contact"][:] = None
    bare = calls.recordings.with_columns(columns, {})
    earlier = {"K1": datetime(2026, 11, 1, tzinfo=UTC).timestamp()}
    told = with_contacts(bare, earlier)
    assert [r.fields["contact"] for r in told] == ["repeat", "first"]


def test_durations_that_the_list_lacks_are_filled_from_headers(tmp_path: Path) -> None:
    text = f"{HEADER},duration_s,answered\nr1,a.wav,2026-11-16 09:00,7,,\n"
    text += "r2,b.wav,2026-11-16 09:00,7,30,\nr3,c.wav,2026-11-17 09:00,7,,\n"
    text += "r4,,2026-11-16 09:00,,,false\n"
    calls = read(written(tmp_path, text))
    assert without_duration(calls) == ("r1", "r3")
    assert without_duration(calls, date(2026, 11, 16), date(2026, 11, 16)) == ("r1",)
    headers = {"a.wav": 61.239, "c.wav": None}
    filled = with_durations(calls, lambda r: headers[str(r.path)])
    assert [r.duration_s for r in filled.recordings] == [61.24, 30.0, None, None]
    assert filled.sha256 == calls.sha256


def test_recordings_are_found_by_id_without_making_the_others(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEADER}\n{GOOD}\nr2,a.wav,2026-11-16 09:00,7\n")
    found = read(path).find(["r2", "nobody"])
    assert {k: v.row for k, v in found.items()} == {"r2": 3}


def test_unnamed_column_with_cells_is_refused_and_an_empty_one_ignored(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEADER},,\n{GOOD},,\n")
    assert read(path).columns == tuple(HEADER.split(","))
    path = written(tmp_path, f"{HEADER},\n{GOOD},lost\n")
    assert problems(path) == ["calls.csv:1: a column has cells but no name in the header"]


def test_calls_that_name_one_recording_are_told(tmp_path: Path) -> None:
    rows = [GOOD, "r2,a/r2.wav,2026-11-16T09:05:00,7002"]
    rows += [f"r{n},a/r1.wav,2026-11-16T09:{n}:00,7003" for n in range(10, 12)]
    got = read(written(tmp_path, "\n".join([HEADER, *rows])))
    assert len(got.recordings) == 4
    (warning,) = got.warnings
    assert (warning.severity, warning.line, warning.found) == ("warning", 2, '"a/r1.wav"')
    assert warning.message.startswith("3 calls name one recording (rows 2, 4, 5): ")


def test_six_calls_that_name_one_recording_are_told() -> None:
    path = shared_case("list-six-rows-one-file.csv")
    (warning,) = read(path).warnings
    assert warning.message.startswith("6 calls name one recording (rows 2, 3, 4, 5, 6, 7): ")
