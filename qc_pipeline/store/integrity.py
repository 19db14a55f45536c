"""Whether the database is whole: its file, its bodies, its tombstones."""

from __future__ import annotations

from qc_pipeline.store import contents
from qc_pipeline.store.purging import tombstone_faults
from qc_pipeline.store.transaction import Reads


def record_faults(reads: Reads) -> tuple[str, ...]:
    """What is wrong with the database itself, a sentence each; empty when it is whole."""
    found: list[str] = []
    with reads.reading() as connection:
        if connection.dialect.name == "sqlite":
            found += [
                f"the file is damaged: {row[0]}"
                for row in connection.exec_driver_sql("PRAGMA integrity_check")
                if row[0] != "ok"
            ]
            found += [
                f"table {row[0]} points to something that is not there"
                for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
            ]
        found += contents.changed(connection)
        found += tombstone_faults(connection)
    return tuple(found)
