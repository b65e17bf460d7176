"""The registers in PostgreSQL: compared when filed, changed when granted."""
