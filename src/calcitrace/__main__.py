"""`python -m calcitrace`."""

from calcitrace.cli import main

if __name__ == "__main__":
    main()
