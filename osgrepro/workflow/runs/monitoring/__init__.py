"""What became of the runs: their state, coverage, event logs, usage and transfers; and waiting."""
