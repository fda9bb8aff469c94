"""A team's own past, walked through in time order: what would the bot have said, and would it have been right?

Owns the walk and its figures. Nothing that became known after a ticket was filed may shape what is said about it.
"""
