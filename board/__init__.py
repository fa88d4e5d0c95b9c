"""The lobby's display (電子信息欄): draws what is published, and says so when it cannot know."""
