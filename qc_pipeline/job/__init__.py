"""The weekly job: draw, transcribe, score, report; export and import beside it."""
