"""osgrepro finds out whether a deep-learning result survives other hardware and software."""

__version__ = "0.1.0"
