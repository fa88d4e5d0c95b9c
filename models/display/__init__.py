"""What the board shows, from its state to texts in their places, pure: `board/` draws it, and the
desk's page previews by the very same code."""
