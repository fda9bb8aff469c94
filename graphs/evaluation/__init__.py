"""How good is it, and how sure may one be of that: metrics, intervals, comparisons, and the walk through a history.

Pure apart from the data it reads: values in, values out. Must not import `bot`, draw a page or know what Slack is.
"""
