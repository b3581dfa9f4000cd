"""Phantoms with known truth; no code is shared with what measures them."""
