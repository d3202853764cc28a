"""What the learner sees and touches in the notebook; no widget knows a socket."""
