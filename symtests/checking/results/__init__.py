"""What was found: a verdict for each check, kept in a file, compared with an older run, handed to others."""
