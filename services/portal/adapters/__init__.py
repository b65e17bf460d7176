"""PostgreSQL and HTTP, as the application's ports want them."""
