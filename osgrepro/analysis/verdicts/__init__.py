"""One word and one sentence for each level of reproducibility."""
