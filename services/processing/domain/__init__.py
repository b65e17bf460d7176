"""Rules, pure: standard library and contracts only; told the time, never asks it."""
