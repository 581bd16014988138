"""Faults that are thought of: each says in words what may be wrong, and what gradient it would lead to."""
