"""Metrics over HTTP: questions in, counts out. Internal: the portal asks, people ask the portal."""
