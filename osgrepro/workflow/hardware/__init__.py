"""The verbs around machines: listed, proposed, probed, and stood in for."""
