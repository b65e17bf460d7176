"""How a person starts motcua: command line, supervisor, embedded PostgreSQL and Valkey, secrets, migrations.

It starts services as processes, by their command lines and environment only; it imports none of them. The place
to add a process is `processes.py`.
"""
