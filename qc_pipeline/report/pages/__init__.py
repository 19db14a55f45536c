"""Pages of the report that show one call or one agent."""
