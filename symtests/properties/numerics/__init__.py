"""NUM and BITS: what numbers, memory and processors may change, and what not."""
