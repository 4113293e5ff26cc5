"""REML of crossed random effects: the fit, and the likelihoods of the grids that it takes."""
