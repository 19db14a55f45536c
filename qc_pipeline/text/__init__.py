"""Words made comparable: normalisation, syllables, phrase index. Pure."""
