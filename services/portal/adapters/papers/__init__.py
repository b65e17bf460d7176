"""Drawing, signing and keeping papers and files."""
