"""The demo page: the Slack channel as people see it and the tracker beside it, in one browser window.

Draws what the local Slack and the local GitHub hold and acts through them, so every click reaches the bot as a
signed request. Server-rendered; forms work without the script, which only makes the page move by itself.
"""
