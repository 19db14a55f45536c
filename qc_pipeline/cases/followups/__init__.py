"""Follow-ups of a call, from opening to the checked answer."""
