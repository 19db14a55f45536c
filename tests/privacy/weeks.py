"""A scored week whose calls hold private words: numbers, names, an address, in words and rows."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path

from tests.weeks import FINE, PERIOD, make_week, qc

OLD = {
    "p1": (
        FINE[0],
        ("customer", "我叫张伟电话是一三八零零一三八零零零"),
        ("agent", "你听不懂吗张伟先生"),
        ("customer", "我住在海淀区中关村南大街五号幸福阁"),
        FINE[2],
    ),
    "p2": (
        ("agent", "喂张伟先生请讲一下"),
        ("customer", "身份证11010519491231002X"),
        ("customer", "卡号六二二二零二一二三四"),
        ("customer", "五六七八九零一二三"),
        FINE[2],
    ),
}
"""Two calls of one customer, KU-774193; p2 has no greeting: what was said instead is quoted."""

SECRETS = (
    "张伟",
    "一三八零零一三八零零零",
    "13800138000",
    "中关村南大街",
    "11010519491231002X",
    "六二二二零二一二三四",
    "张先生的工单",
)


def make_private_week(folder: Path, *, url: str | None = None) -> Path:
    """The six calls of `tests.weeks` and `OLD`, with rows that name the customer."""
    make_week(folder, url=url, more=OLD)
    path = folder / "calls.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        private = row["recording_id"] in OLD
        row["customer_id"] = "KU-774193" if private else f"K-{row['recording_id']}"
        row["caller_number"] = "13800138000" if private else "13912345678"
        row["customer_name"] = "张伟" if private else "李娜"
        row["备注栏"] = "张先生的工单" if private else ""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    qc(folder, "score", "-p", PERIOD)
    return folder


def texts_below(folder: Path) -> str:
    """All that stands in the files below a folder, JSON escapes undone, workbooks unpacked."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as parts:
                found += [parts.read(name).decode("utf-8") for name in parts.namelist()]
            continue
        text = path.read_bytes().decode("utf-8", errors="replace")
        found.append(text)
        if path.suffix == ".json":
            found.append(json.dumps(json.loads(text), ensure_ascii=False))
    return "\n".join(found)
