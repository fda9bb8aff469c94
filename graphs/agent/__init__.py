"""The agent: a model that looks things up and then says what it thinks of a ticket.

A loop of LangGraph (`loop.py`), a conversation without a vendor (`talk.py`), an answer with checked sources, budgets,
and what happens when no model can be had. Must not know which company's model it talks to: `bot.models` does.
"""
