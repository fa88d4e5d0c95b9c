"""The visitors' touchscreen."""
