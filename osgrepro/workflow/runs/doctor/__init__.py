"""The verb ``doctor``: what of a campaign and its surroundings is in order, and what to do."""
