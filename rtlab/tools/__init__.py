"""Load tools that others made, run against a lab: found, started, timed, stopped, and their results read."""
