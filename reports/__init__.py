"""Reports from result files."""
