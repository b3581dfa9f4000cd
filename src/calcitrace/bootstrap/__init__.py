"""The only place where use cases meet the adapters that serve them.

One module per command, so that a command loads what it needs and no more.
"""
