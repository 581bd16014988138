"""What an implementation is asked once it has broken a law, and its answers."""
