"""One cell judged: one law, one implementation, one dtype."""
