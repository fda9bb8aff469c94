"""Jira, Cloud (REST v3, rich text) and Data Center (REST v2, wiki markup): a webhook door, a reader and a writer.

    site = JiraSite(web="https://acme.atlassian.net")              # a server of one's own: flavour=Flavour.DATA_CENTER
    reader = JiraReader(jira_transport(http, site, read_credential), anybody, site)
    writer = JiraWriter(jira_transport(http, site, write_credential), site)

What was never run against the real service stands in docs/trackers/jira.md.
"""
