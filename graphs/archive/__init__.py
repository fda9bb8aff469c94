"""What the agent can look up beside the tracker: past tickets with their outcome, and the team's own notes."""
