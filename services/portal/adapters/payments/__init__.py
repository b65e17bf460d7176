"""Payments in PostgreSQL, and the banks."""
