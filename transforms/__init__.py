"""From raw items to person-level tables, and from marts to the published file."""
