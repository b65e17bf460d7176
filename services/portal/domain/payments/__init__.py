"""Payment documents, and what banks tell of them."""
