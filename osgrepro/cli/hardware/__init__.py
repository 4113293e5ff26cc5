"""The commands around machines."""
