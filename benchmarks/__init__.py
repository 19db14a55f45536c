"""Figures the documents claim, measured on the machine at hand; each prints a table."""
