"""The bot as a process of its own, killed where it hurts most, and an exact account of what the world saw."""
