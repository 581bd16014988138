"""What the processor offers: instruction set, single operations, vectors and registers."""
