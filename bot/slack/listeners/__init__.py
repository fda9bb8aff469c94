"""What happens when a person presses, submits or types: one file per behaviour, listed in `bot.slack.app`."""
