"""How we touch the world: one outside library per module."""
