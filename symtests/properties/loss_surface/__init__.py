"""SAD, LIN and DESC: where the loss is flat, where it is convex, and which way is down."""
