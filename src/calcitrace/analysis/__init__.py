"""What we compute: pure functions, one module per stage. Stages do not import each other."""
