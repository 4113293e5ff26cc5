"""The training process: finds the experiment, seeds it, runs it, gathers evidence."""
