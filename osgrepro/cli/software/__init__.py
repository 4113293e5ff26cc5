"""The commands around software environments."""
