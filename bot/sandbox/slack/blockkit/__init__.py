"""Block Kit as Slack polices it: which blocks may stand where, how long and how many things may be."""
