"""Training of the small sample recogniser on synthetic telephone speech (needs torch)."""
