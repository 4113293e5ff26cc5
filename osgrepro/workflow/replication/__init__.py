"""The verbs that do it again: on emulated hardware, or from a crate."""
