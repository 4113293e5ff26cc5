"""What goes along with an outcome class, and what refutes the others."""
