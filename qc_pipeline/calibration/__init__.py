"""Calibration of inspectors: blind sets, the sheets they fill in, and how far they agree."""
