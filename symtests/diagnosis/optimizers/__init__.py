"""Trainings explained: the rule of one step that an implementation seems to follow."""
