"""Test vectors: questions with exact answers and bounds, in a file that any language can read."""
