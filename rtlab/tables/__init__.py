"""Recordings as tidy tables, and the statistics that may be said of them."""
