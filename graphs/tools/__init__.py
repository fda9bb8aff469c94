"""The agent's tools: one file each, all of them read only. Tools do not know that permission exists."""
