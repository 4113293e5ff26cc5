"""Statistics by the book: numbers in, numbers out; each with its source."""
