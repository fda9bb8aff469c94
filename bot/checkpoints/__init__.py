"""LangGraph's official checkpointers, opened the way this program needs them.

`opening.py` chooses, `strict.py` decides what may be read back, `guarded.py` says what happens when it cannot be read
or the store is gone. Nothing here knows what a triage is, and nothing is lost with a thread: the record decides.
"""
