"""Real database servers in temporary folders, for measurements and tests. Nothing of the system is touched."""
