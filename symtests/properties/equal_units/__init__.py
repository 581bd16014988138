"""SYM and EMB: hidden units that are equal, and networks that are smaller than they look."""
