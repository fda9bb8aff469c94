"""`strata bench`: measures the real bot beside the local Slack and GitHub, and a plain LangGraph bot beside it.

Owns numbers. Must not judge them (except the two aims that the report names), and must not change what it measures.
"""
