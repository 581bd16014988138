"""Training of many networks of one shape at once, one network a lane."""
