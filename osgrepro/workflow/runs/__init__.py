"""The verbs around runs: submitted, acted on, watched (``monitoring``); and one without a pool."""
