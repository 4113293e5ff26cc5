"""What comes back: results judged, kept as a dataset, read from archives, handed on."""
