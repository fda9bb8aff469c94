"""`/triage`, a mention or a direct message: one file per command, listed in `registry`."""
