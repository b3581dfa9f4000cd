"""Scenes: a body, deposits of known mass in it, a scanner, and visits.

`scene` says what a scene is, `building` makes phantoms of it, `truth` says what they
hold. `families` makes random ones.
"""
