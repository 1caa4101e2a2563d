"""Reading platforms: what they say, verbatim, into the raw zone."""

VERSION = "1"
