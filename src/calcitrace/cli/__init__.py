"""Command line: parse, call one use case, print."""

from calcitrace.cli.app import app, main, run

__all__ = ["app", "main", "run"]
