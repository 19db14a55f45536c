"""The operators of the rubric language, one file each."""
