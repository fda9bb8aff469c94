"""Whole stories: a ticket arrives, a card appears, a person decides, the tracker changes or does not."""
