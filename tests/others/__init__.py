"""The product against servers that other people wrote, so that our own stand-ins are not the only judges.

`emulate` stands in for GitHub, `local-slack` for Slack. Neither is the real service; where one deviates from it in a
way that matters here, the docstring of `emulated.py` or `foreign_slack.py` says so.
"""
