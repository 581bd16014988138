"""A check whose tasks are done by a Dask cluster; nothing here is imported unless a scheduler is named."""
