"""GitHub's REST routes, one file per kind of thing. Each handler: check access, act, shape the answer."""
