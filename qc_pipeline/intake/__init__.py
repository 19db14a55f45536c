"""What a call centre brings in tables: the call list, traffic, marks."""
