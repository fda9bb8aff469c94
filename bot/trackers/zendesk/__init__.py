"""Zendesk Support over its Ticketing API (v2): a webhook door, a reader and a writer.

    site = ZendeskSite(web="https://acme.zendesk.com")
    reader = ZendeskReader(zendesk_transport(http, site, read_credential), site)
    writer = ZendeskWriter(zendesk_transport(http, site, write_credential), site)

What was never run against the real service stands in docs/trackers/zendesk.md.
"""
