"""What counts as what: pure functions over facts. Knows no database, no clock, no framework."""
