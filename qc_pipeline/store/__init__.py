"""The record: tables, migrations, queries. Nobody else writes SQL."""
