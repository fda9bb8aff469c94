"""GitHub: a webhook door, a reader and a writer.

Put together by whoever composes the program, with two credentials that never meet:

    site = GitHubSite()                                                # github.com; GHES: GitHubSite.enterprise(...)
    reader = GitHubReader(Transport(http, site, read_credential), site)
    writer = GitHubWriter(Transport(http, site, write_credential), site)
"""
