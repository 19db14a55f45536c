"""People at work on judged calls: what waits, decisions, publishing, corrected words."""
