"""How often others let us ask: Slack, a tracker, a model. One port, so that whoever asks need not know who counts."""
