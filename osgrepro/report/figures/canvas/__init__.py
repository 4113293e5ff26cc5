"""What figures are drawn with: matplotlib, and how it is used here."""
