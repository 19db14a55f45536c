"""`python -m qc_pipeline` is `qc`."""

from qc_pipeline.cli.main import main

main()
