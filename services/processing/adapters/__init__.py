"""PostgreSQL, Redis and files, as the application's ports want them."""
