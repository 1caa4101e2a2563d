"""One file per platform: its streams, how each is fetched, how an item reads."""
