"""What exists: frozen values that carry their unit, their grid and their error."""
