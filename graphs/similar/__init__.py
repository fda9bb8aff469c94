"""Similar tickets: an index in memory that is added to and removed from as tickets come and go.

Owns how alike two tickets are and which ones may be shown to whom. Must not do I/O, and never closes a ticket.
"""
