"""A report's sections, a module for each question; ``osgrepro.report.sections`` orders them."""
