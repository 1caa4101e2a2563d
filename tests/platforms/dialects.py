"""Every platform that is asked over HTTP, with a server that speaks its dialect."""

from __future__ import annotations

from tests.platforms.bluesky.dialect import BlueskyDialect
from tests.platforms.dialect import Dialect
from tests.platforms.facebook.dialect import FacebookDialect
from tests.platforms.instagram.dialect import InstagramDialect
from tests.platforms.mastodon.dialect import MastodonDialect
from tests.platforms.threads.dialect import ThreadsDialect
from tests.platforms.wordpress.dialect import WordpressDialect
from tests.platforms.x.dialect import XDialect
from tests.platforms.youtube.dialect import YoutubeDialect

DIALECTS: dict[str, Dialect] = {
    each.name: each
    for each in (
        BlueskyDialect(),
        FacebookDialect(),
        InstagramDialect(),
        MastodonDialect(),
        ThreadsDialect(),
        WordpressDialect(),
        XDialect(),
        YoutubeDialect(),
    )
}
