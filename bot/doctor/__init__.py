"""What is missing before the bot can work, and how to mend it."""
