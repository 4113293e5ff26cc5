"""The verbs before anything runs: what a campaign means, and whether it can be had."""
