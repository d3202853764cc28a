"""Checks against anybody's endpoint: what it does on the wire, and what is wrong with that."""
