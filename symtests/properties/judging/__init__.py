"""How answers are judged and breaches told, for laws of all kinds."""
