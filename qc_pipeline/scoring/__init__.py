"""Rules over what was said and how: rubric in, verdicts with evidence out. Pure."""
