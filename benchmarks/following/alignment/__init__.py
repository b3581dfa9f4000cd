"""How well places of one scan are found again in another, and what that costs."""
