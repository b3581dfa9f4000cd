# `just check` is what CI runs; without just, `scripts/check` is the same.

# Every check, or those named: format lint types imports docs changelog tests
check *names:
    scripts/check {{names}}

# Rewrite files as the formatter and the safe fixes of the linter want them
fix:
    uv run ruff format .
    uv run ruff check --fix .

# Tests alone
test *args:
    uv run pytest {{args}}

# Read the documentation in a browser
docs:
    uv run mkdocs serve

# Seconds and memory against merely reading the series
bench:
    uv run python -m benchmarks.speed
