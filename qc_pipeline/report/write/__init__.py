"""The report as files: HTML, spreadsheets, JSON, PDF, clips."""
