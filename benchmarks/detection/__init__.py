"""How well deposits are found in real scans, and what is taken for one."""
