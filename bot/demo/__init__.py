"""The demo: the real bot beside a local Slack and a local GitHub, with people who file and decide."""
