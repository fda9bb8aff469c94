"""What people see in Slack, as pure functions from values to blocks. Nothing here does I/O or reads a clock."""
