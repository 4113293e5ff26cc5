"""The verbs around results: collected, read, analysed, reported, handed on, verified."""
