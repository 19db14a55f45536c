"""The rubric language: reading, checking, explaining rubric files."""
