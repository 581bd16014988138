"""Options and the decorator for pytest."""
