"""The doors for HTTP: webhooks from trackers, health. Slack's HTTP door is mounted beside them."""
