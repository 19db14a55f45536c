"""One file per operator; the explicit list of them is in `registry`."""
