"""The commands around runs and pools."""
