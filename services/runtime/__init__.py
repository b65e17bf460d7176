"""How services run: clock, settings, logs, database, streams, Celery, problems. Knows contracts, no service."""
