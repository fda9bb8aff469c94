"""Who should take a ticket, judged by who took tickets like it, how recently, and who can take it now.

Owns the ranking and its reasons. Knows owners only by what the history or the directory calls them. Must not do I/O or
read a clock, never learns from labels, and never looks at a ticket that is younger than the one it is asked about.
"""
