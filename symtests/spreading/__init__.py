"""Work that is spread: named tasks are dealt out by their cost, done by processes or by a Dask cluster, and joined."""
