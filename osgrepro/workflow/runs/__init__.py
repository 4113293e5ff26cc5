"""The verbs around runs: submitted, watched, where each stands; and one without a pool."""
