"""Every platform that is asked over HTTP, with a server that speaks its dialect."""

from __future__ import annotations

from tests.platforms.bluesky.dialect import BlueskyDialect
from tests.platforms.dialect import Dialect
from tests.platforms.mastodon.dialect import MastodonDialect
from tests.platforms.x.dialect import XDialect

_ALL = (BlueskyDialect(), MastodonDialect(), XDialect())

DIALECTS: dict[str, Dialect] = {each.name: each for each in _ALL}
