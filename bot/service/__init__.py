"""The use-cases: what happens when a ticket arrives, a person decides, a card must be shown. One file each.

This is where Slack, the trackers and the graph meet; none of them knows the others.
"""
