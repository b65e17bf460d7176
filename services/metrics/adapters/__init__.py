"""Metrics' hands: PostgreSQL, the private stream of a recount, Prometheus' text."""
