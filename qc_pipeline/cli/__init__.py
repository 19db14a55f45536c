"""The `qc` command: options, one call, print, exit status."""
