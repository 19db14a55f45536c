"""Sound in: decoding, channels and roles, speech regions, measures, clips."""
