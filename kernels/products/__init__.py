"""The product of matrices: the one that all passes share, and the parts of which large ones are made."""
