"""What can happen to an issue, one file per kind. Called by people (`local`) and by the API (`api`) alike.

Each act checks what GitHub checks, changes the world through `World.change` and fires its webhook once.
"""
