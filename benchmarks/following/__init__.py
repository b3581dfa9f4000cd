"""Following deposits from scan to scan, judged on cases of known truth."""
