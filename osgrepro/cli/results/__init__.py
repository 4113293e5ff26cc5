"""The commands around results."""
