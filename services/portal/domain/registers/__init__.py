"""Registers of the systems around the portal: declarations and what the counterparts know."""
