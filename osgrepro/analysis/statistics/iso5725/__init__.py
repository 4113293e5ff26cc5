"""ISO 5725-2: repeatability and reproducibility among laboratories, s_R's interval, outliers."""
