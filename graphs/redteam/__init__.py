"""Attacks as data, and what they do to an engine. The checks at the doors are `bot.redteam`'s."""
