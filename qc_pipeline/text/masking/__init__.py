"""Personal data in words: what it is recognised by, and how it is hidden."""
