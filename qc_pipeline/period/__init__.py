"""A period of the record as it stands."""
