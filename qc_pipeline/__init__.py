"""qc-pipeline: weekly quality inspection of call recordings, traceable to seconds of audio."""

__version__ = "0.1.0"
