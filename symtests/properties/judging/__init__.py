"""How answers are judged and violations told, for properties of all kinds."""
