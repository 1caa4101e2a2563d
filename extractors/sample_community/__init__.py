"""A made-up community, all of it decided by a seed, and what is true of it at any moment."""

from __future__ import annotations

from functools import lru_cache

from extractors.sample_community import traces
from extractors.sample_community.cast import gather
from extractors.sample_community.people import Community, LifeEvent, Settings
from extractors.sample_community.story import Story
from extractors.sample_community.words import Dice

__all__ = ["Community", "Settings", "community"]


@lru_cache(maxsize=2)
def community(settings: Settings) -> Community:
    """All that ever happens in the community of these settings."""
    dice = Dice(settings.seed)
    cast = gather(settings, dice)
    story = Story(settings, cast, dice)
    story.tell()
    bearing = traces.settle_chat(story.record, cast, settings, dice)
    messages = story.record.before(settings.end)
    for message in messages:
        message.replies = [each for each in message.replies if each.sent < settings.end]
    traces.change_messages(messages, bearing, settings.end, dice)
    traces.delete_account(messages, cast, settings, dice)
    people = [each for each in cast.accounts if each.kind == "person"]
    arrivals = [LifeEvent(each.joined, each, "arrived") for each in people]
    return Community(
        settings=settings,
        accounts=cast.accounts,
        messages=messages,
        reactions=traces.react(messages, cast, settings, dice),
        follows=traces.follow(cast, settings, dice),
        introductions=[each for each in story.introductions if each.message.sent < settings.end],
        life_events=sorted([*arrivals, *story.life_events], key=lambda each: each.at),
        two_accounts=(cast.twin.account, cast.twin.voice("social")),
        storm=story.storm,
    )
