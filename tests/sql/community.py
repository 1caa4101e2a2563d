"""A made-up community of which nothing is planned: everybody says anything to anybody at any time.

Times come from a coarse grid, so that messages and answers often fall on the same instant.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from story import US, Story, at

from lake.organisation import Organisation

AS_OF = at("2026-07-01 00:00")
HOUR = timedelta(hours=1)
PEOPLE = [f"person{number:02}" for number in range(30)]
QUIET = [f"quiet{number}" for number in range(10)]
HUMANS = ["brand", "zoe", "max"]
MACHINES = ["helper"]
STRANGERS = ["crawler", "unsure"]
SAMPLE_HOURS = Organisation.model_validate(
    {
        "name": "test",
        "title": "Test",
        "time_zone": "Europe/Madrid",
        "history_from": date(2026, 1, 1),
        "holidays": [date(2026, 1, 6), date(2026, 5, 1)],
        "read": [{"platform": "test", "account": "acme"}],
        "ours": [{"name": "Acme", "kind": "brand", "accounts": ["test::brand"]}],
    }
)


def community(seed: int = 7, conversation_count: int = 250) -> Story:
    """A seeded community, and all it takes to build its marts; not all happens before `AS_OF`."""
    chance, story = random.Random(seed), Story()
    for name in PEOPLE:
        story.person(name, "person", *([name, f"{name}-too"] if chance.random() < 0.2 else [name]))
    for name, role in zip(
        HUMANS + MACHINES + STRANGERS,
        ["ours_brand", "ours_person", "ours_person", "ours_bot", "bot", "unknown"],
        strict=True,
    ):
        story.person(name, role)
    for number in range(conversation_count):
        _talk(chance, story, f"c{number:04}", at("2026-01-15 00:00") + _span(chance, days=150))
    _reactions(chance, story)
    _words(random.Random(seed + 1), story)
    _desk(random.Random(seed + 2), story)
    _fair(random.Random(seed + 3), story)
    story.opens(SAMPLE_HOURS, date(2026, 1, 1), date(2026, 7, 2))
    story.reads("posts", "2026-01-01 00:00", "2026-06-30 00:00", 1000, observed_at=AS_OF)
    story.reads("posts", "2026-06-30 00:00", "2026-07-01 00:00", 7)
    story.reads("posts", "2026-07-01 00:00", "2026-07-02 00:00", 9)
    story.add("set_aside", stream="posts", observed_at=AS_OF, row_count=3)
    return story


def _span(chance: random.Random, **longest: float) -> timedelta:
    minutes = int(timedelta(**longest) / timedelta(minutes=10))
    return timedelta(minutes=10 * chance.randrange(minutes))


def _talk(chance: random.Random, story: Story, conversation: str, start: datetime) -> None:
    """Up to 20 messages, each by anybody, to up to three of anybody."""
    people = chance.sample(PEOPLE, 3)
    accounts = [each for each, person in story.people.items() if person in people]
    ours, others = HUMANS + MACHINES, chance.sample(STRANGERS, 1)
    before: list[str | None] = [None]
    channel = f"test/place{chance.randrange(3)}"
    for _ in range(chance.randint(1, 20)):
        author = chance.choice([*accounts * 2, *ours, *others, None])
        to = {chance.choice([US, *accounts, *ours]) for _ in range(chance.randrange(4))}
        to = {each for each in to if not (story.is_ours(author) and each is US)}
        sent_at = start + _span(chance, hours=8 if chance.random() < 0.8 else 24 * 20)
        is_deleted = chance.random() < 0.1
        before.append(
            story.says(
                author,
                sent_at,
                conversation,
                *sorted(to - {author}, key=str),
                channel=channel,
                parent_id=chance.choice(before),
                deleted_at=sent_at + _span(chance, hours=20) if is_deleted else None,
                is_thanks=chance.random() < 0.2,
                is_question=chance.random() < 0.3,
            )
        )


def _words(chance: random.Random, story: Story) -> None:
    """What is said and how, how large an audience people have, and which replies are templates."""
    for account in story.tables["account"]:
        count = chance.choice([None, 0, 5, 5, 80, 2000])
        account["follower_count"] = count if account["role"] == "person" else None
    replies = {row["message_id"]: row for row in story.tables["reply_signal"]}
    uses: dict[str, list[tuple[datetime, str]]] = {}
    for message in story.tables["message"]:
        message_id, language = message["message_id"], chance.choice(["en", "en", "es", "ja", None])
        word_count = chance.randint(1, 30)
        message["text"] = " ".join(["word"] * word_count)
        is_scored = language == "en"
        story.signals(
            message_id,
            word_count=word_count,
            language=language,
            sentiment_score=round(chance.uniform(-1, 1), 3) if is_scored else None,
            sentiment_model="made up" if is_scored else None,
            **{
                name: chance.random() < share
                for name, share in (
                    ("has_greeting", 0.2),
                    ("has_thanks", 0.2),
                    ("has_apology", 0.1),
                    ("has_promise", 0.1),
                    ("has_deflection", 0.1),
                    ("is_promotion", 0.05),
                    ("names_addressee", 0.4),
                    ("is_signed", 0.2),
                )
            },
            echoed_word_count=chance.randrange(4) if message_id in replies else None,
            automation_reason="scheduling_client" if chance.random() < 0.03 else None,
        )
        if message_id in replies and chance.random() < 0.3:
            template = chance.choice(["t1", "t2", "t3"])
            uses.setdefault(template, []).append((message["sent_at"], message_id))
    for used in uses.values():
        used.sort()
        for place, (sent_at, message_id) in enumerate(used):
            story.signals(
                message_id,
                template_id=used[0][1],
                is_template_origin=place == 0,
                canned_at=max(sent_at, used[2][0]) if place else None,
            )


def _desk(chance: random.Random, story: Story) -> None:
    """A help desk where hardly anybody of ours answers, and ten who ask there and elsewhere."""
    for name in QUIET:
        story.person(name)
    for day in range(0, 150, 3):
        who, conversation = chance.choice(QUIET), f"d{day:04}"
        asked_at = at("2026-02-03 00:00") + timedelta(days=day) + _span(chance, hours=24)
        deleted_at = asked_at + 2 * HOUR if chance.random() < 0.3 else None
        story.says(who, asked_at, conversation, US, channel="test/desk", deleted_at=deleted_at)
        if chance.random() < 0.5:
            story.says(who, asked_at + HOUR, conversation, US, channel="test/desk")
        for author, share in (("helper", 0.3), ("person00", 0.2), ("zoe", 0.1)):
            if chance.random() < share and (author != "zoe" or who in QUIET[6:]):
                later = asked_at + HOUR + _span(chance, hours=20)
                story.says(author, later, conversation, who, channel="test/desk")
        if chance.random() < 0.4:
            again_at, place = asked_at + _span(chance, days=5), f"{conversation}-again"
            story.says(who, again_at, place, US, channel="test/place0")
            if who in QUIET[6:]:
                story.says("brand", again_at + HOUR, place, who, channel="test/place0")


def _fair(chance: random.Random, story: Story) -> None:
    """A crowd that asks in one month, so that not all cells of people are small."""
    for number in range(150):
        who, conversation = f"guest{number:03}", f"f{number:04}"
        story.person(who)
        story.tables["account"][-1]["follower_count"] = chance.choice([None, 0, 7, 40, 900, 5000])
        asked_at = at("2026-05-01 00:00") + _span(chance, days=30)
        message_id = story.says(who, asked_at, conversation, US, channel="test/fair")
        story.signals(
            message_id, language="en", sentiment_score=round(chance.uniform(-0.1, 0.1), 2)
        )
        if chance.random() < 0.6:
            answered_at = asked_at + _span(chance, days=6)
            story.says(chance.choice(HUMANS), answered_at, conversation, who, channel="test/fair")


def _reactions(chance: random.Random, story: Story) -> None:
    authors = {row["message_id"]: row["author_id"] for row in story.tables["message"]}
    for message in chance.sample(story.tables["message"], 200):
        whom = authors[message["message_id"]]
        who = chance.choice([*PEOPLE, *HUMANS])
        if whom is not None and whom != who:
            when = message["sent_at"] + _span(chance, days=1)
            kind = chance.choice(["reaction", "repost"])
            is_told = chance.random() < 0.8
            story.reacts(who, whom, message["message_id"], when if is_told else None, kind)
