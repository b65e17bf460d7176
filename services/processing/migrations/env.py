"""Alembic runs this; what it does is the same for every service."""

from services.runtime.migrations import run_environment

run_environment()
