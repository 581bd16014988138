"""One check judged: one property, one implementation, one dtype."""
