"""Routes of papers and attachments."""
