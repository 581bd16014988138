"""The engine: runs properties against implementations and yields verdicts."""
