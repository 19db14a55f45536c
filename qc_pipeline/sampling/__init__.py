"""Which calls are inspected, with what probability, and what that lets the report say. Pure."""
