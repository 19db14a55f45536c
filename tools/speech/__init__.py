"""Synthetic Mandarin telephone speech: what is said, by which voice, and how it sounds."""
