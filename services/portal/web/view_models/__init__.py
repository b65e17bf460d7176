"""What each page shows, as plain values: made from what the use cases return, before any template sees it."""
