"""The smallest failing case, as something to hand on."""
