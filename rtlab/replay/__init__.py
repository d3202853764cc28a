"""Replay mode: what the experiments of the course found when they were recorded, where no lab can run."""
