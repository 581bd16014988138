"""How often a network learns a named task, against its width, its activation, its start and its learning rate."""
