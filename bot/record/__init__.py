"""The record: the one place that remembers. Everything true about a ticket, a proposal or a decision is here."""
