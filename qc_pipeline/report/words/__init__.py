"""Sentences of the report, in the reader's language."""
