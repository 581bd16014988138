"""What was found: a verdict for each cell, kept in a file, compared with an older run, handed to others."""
