"""The local engine: reads a ticket without a key, a network or a download.

Owns training, measuring and running of small linear models. Must not import `bot`, and must not do work at import.
"""
