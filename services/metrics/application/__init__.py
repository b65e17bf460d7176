"""What metrics does, told in its own words; the ports say what it needs from outside."""
