"""A workspace: settings, people, working days."""
