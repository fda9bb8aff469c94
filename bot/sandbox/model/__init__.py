"""A local Messages API: says what it is told to, as the real one would say it."""
