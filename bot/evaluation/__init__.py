"""Evaluations and backtests as people see them: pages, a Slack message, a file of grown cases.

Owns drawing and wording. Must not compute a figure: `graphs.evaluation` does.
"""
