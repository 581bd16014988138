"""One run on several machines: its checks dealt out in shards, and the folders of the shards joined again."""
