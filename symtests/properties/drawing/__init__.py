"""How cases are drawn, and what they are made of."""
