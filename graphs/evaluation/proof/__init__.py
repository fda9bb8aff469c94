"""The project's own figures, gathered for docs/evaluation.md by one command.

Owns what is measured beside which baseline. `python -m bot.evaluation --data DIR` measures and writes.
"""
