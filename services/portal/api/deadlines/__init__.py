"""Routes of the calendar; how a deadline is told."""
