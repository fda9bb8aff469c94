"""GitLab, from gitlab.com or a server of one's own: a webhook door, a reader and a writer over REST v4.

    site = GitLabSite()                                                # a server of one's own: GitLabSite(web=...)
    reader = GitLabReader(gitlab_transport(http, site, read_credential), site)
    writer = GitLabWriter(gitlab_transport(http, site, write_credential), site)

What was never run against the real service stands in docs/trackers/gitlab.md.
"""
