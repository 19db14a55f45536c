"""Figures the documents claim, measured on the machine at hand; each prints a table."""

import qc_pipeline  # noqa: F401 - before numpy, as `qc` loads it: it sets numpy's threads
