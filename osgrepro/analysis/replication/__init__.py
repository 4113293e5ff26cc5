"""Emulated, replayed and repeated runs beside those that they stand for."""
