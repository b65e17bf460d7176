"""Routes of declarations and counterparts."""
