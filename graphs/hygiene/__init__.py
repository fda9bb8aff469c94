"""What every untrusted text passes before anything else sees it: one normaliser, one redactor, one detector."""
