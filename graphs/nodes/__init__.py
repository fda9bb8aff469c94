"""The steps of a triage, one file each, in order: screen, gather, analyse, check, propose, await_verdict, settle.

Each step keeps its answer in the record and recalls it when it runs again, so a crash costs time, never a second
answer. To add a step: a file here and a line in `graphs.triage`.
"""
