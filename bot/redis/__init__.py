"""What several processes share while Redis is there: wake-ups, limits, short-lived answers, announcements.

Nothing in here is the record of anything. Redis may be killed, flushed or frozen at any moment: work then goes on by
polling, limits fall back to a share of their own, and nobody waits for an answer longer than `link.PATIENCE_S`.
"""
