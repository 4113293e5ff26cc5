"""The commands before anything runs."""
