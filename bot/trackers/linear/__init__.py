"""Linear: a webhook door, a reader and a writer of issues over GraphQL.

    site = LinearSite()
    reader = LinearReader(linear_transport(http, site, read_credential), site)
    writer = LinearWriter(linear_transport(http, site, write_credential), site)

What was never run against the real service stands in docs/trackers/linear.md.
"""
