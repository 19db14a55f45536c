"""Transcripts made elsewhere, each format by its own reader, chosen by content."""

from qc_pipeline.asr.formats.read import FORMATS, read_transcript

__all__ = ["FORMATS", "read_transcript"]
