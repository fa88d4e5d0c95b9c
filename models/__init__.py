"""The shared language: what every process of the lobby agrees on."""
