"""What figures are drawn with: shapes, how a page shows them, and how matplotlib prints them."""
