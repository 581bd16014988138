"""The subjects under check."""
