"""What figures are drawn with: shapes, colours, scales and words, as SVG."""
