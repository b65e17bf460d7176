"""Rules of the door, pure: standard library and contracts only."""
