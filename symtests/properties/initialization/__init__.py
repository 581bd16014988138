"""INIT: each start has the distribution that its name promises."""
