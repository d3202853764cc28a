"""The verbs of the course: run an experiment, give tables and figures of what it found."""
