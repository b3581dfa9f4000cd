"""What the application does: use cases, written against ports."""
