"""What an implementation is asked once it has broken a property, and its answers."""
