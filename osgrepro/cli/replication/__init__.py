"""The commands that do it again."""
