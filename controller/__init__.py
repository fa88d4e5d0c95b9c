"""The one that decides, and what sets up, opens and closes the lobby around it."""
