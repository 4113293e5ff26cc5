"""What goes out with a run: texts, inputs, the payload, and the folder they lie in."""
