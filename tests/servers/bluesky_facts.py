"""What is said on the test network, in plain facts, and what Rapport must find out about it.

Everything is read as `meters.test`, three nights in a row. The clocks are worked out by hand from
the semantics of an ask, with office hours from Monday to Friday, 09:00 to 18:00 in Madrid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

TIME_ZONE = "Europe/Madrid"
HISTORY_FROM = date(2025, 1, 1)
NIGHTS = (date(2025, 3, 6), date(2025, 3, 7), date(2025, 3, 8))  # Thursday, Friday, Saturday
SEARCHED = "calibration"

READ = "meters"
OURS = {"meters": "brand", "zoe": "person", "helper": "bot"}
STRANGERS = (
    *("ana", "ben", "carla", "dan", "eva", "finn", "gil", "hana", "ida", "ines", "joy", "kim"),
    *("leo", "lou", "mia", "ned", "nia", "omar", "pat", "rob", "tess", "vera"),
)


@dataclass(frozen=True)
class Post:
    """Something said: an answer where it `answers` another post, a quotation where it `quotes`."""

    key: str
    author: str
    sent_at: datetime
    text: str
    answers: str = ""
    quotes: str = ""
    mentions: str = ""


@dataclass(frozen=True)
class Act:
    """Somebody likes or reposts a post, or follows or blocks somebody."""

    kind: str
    who: str
    whom: str
    done_at: datetime


@dataclass(frozen=True)
class Ask:
    """What must come out: an ask named by its first post, clocks in seconds, null for none."""

    post: str
    outcome: str
    message_count: int = 1
    human: int | None = None
    human_business: int | None = None
    peer: int | None = None
    automatic: int | None = None
    reason: str = "reply"

    @property
    def person(self) -> int | None:
        """Seconds until the first human word, ours or another person's."""
        return min((each for each in (self.human, self.peer) if each is not None), default=None)


def _at(text: str) -> datetime:
    """A moment of 2025 (or of the year given), in UTC."""
    return datetime.fromisoformat(f"{text if text[4] == '-' else f'2025-{text}'}+00:00")


# More posts than fit on a page of the author's feed, each liked: more than a page of notifications.
DAILY_COUNT = 110
DAILY_FROM = _at("02-17 00:00")
# A thread twice as deep as the app view tells in one answer: question, answer, question, …
DEEP_COUNT = 12
DEEP_FROM = _at("02-24 09:00")


def _deep() -> tuple[Post, ...]:
    said, before = [], "deep"
    for number in range(1, DEEP_COUNT + 1):
        asked_at = DEEP_FROM + timedelta(minutes=10 * number)
        answered_at = asked_at + timedelta(minutes=1)
        ask, answer = f"mia-{number}", f"zoe-{number}"
        said.append(Post(ask, "mia", asked_at, f"And what about step {number}?", before))
        said.append(Post(answer, "zoe", answered_at, f"Step {number} takes a minute, Mia.", ask))
        before = answer
    return tuple(said)


def _daily() -> tuple[Post, ...]:
    return tuple(
        Post(f"daily-{number}", "meters", DAILY_FROM + timedelta(hours=number), f"{number} mm")
        for number in range(1, DAILY_COUNT + 1)
    )


POSTS = (
    # Older than the history, and answered in it.
    Post("workshop", "meters", _at("2024-05-01 08:00"), "Our first workshop is open."),
    Post("joy-1", "joy", _at("03-05 09:00"), "Is it still open?", "workshop"),
    Post("joy-answer", "zoe", _at("03-05 10:00"), "It is, Joy, until six.", "joy-1"),
    # Older than every look-back: what is said under it in the last nights is found all the same.
    Post("meter", "meters", _at("02-03 08:00"), "The new meter is out."),
    Post("gil-1", "gil", _at("02-03 10:00"), "Does it measure less than a millimetre?", "meter"),
    Post("gil-answer", "zoe", _at("02-03 12:00"), "Yes, Gil, down to a tenth.", "gil-1"),
    Post("gil-thanks", "gil", _at("02-03 12:30"), "Thank you!", "gil-answer"),
    # Two messages, then an answer: one ask. A day later another one.
    Post("ana-1", "ana", _at("02-04 09:00"), "Which battery does it take?", "meter"),
    Post("ana-2", "ana", _at("02-04 09:30"), "And how long does it last?", "ana-1"),
    Post("ana-answer", "zoe", _at("02-04 11:00"), "A coin cell, Ana, for a year.", "ana-2"),
    Post("ana-3", "ana", _at("02-05 08:00"), "Can I change it myself?", "ana-answer"),
    Post("ana-answer-2", "meters", _at("02-05 09:00"), "Yes, without any tool.", "ana-3"),
    # Never answered, answered by another person only, answered by a machine only.
    Post("ben-1", "ben", _at("02-03 15:00"), "Will there be a blue one?", "meter"),
    Post("dan-1", "dan", _at("03-03 10:00"), "Where can I buy one?", "meter"),
    Post("eva-answer", "eva", _at("03-03 11:00"), "In the shop at the station.", "dan-1"),
    Post("ida-1", "ida", _at("03-01 12:00"), "Does it need an app?", "meter"),
    Post("ida-machine", "helper", _at("03-01 12:00:05"), "We have got your message.", "ida-1"),
    # Over a weekend and over a night, which the business clock leaves out.
    Post("ines-1", "ines", _at("02-28 16:00"), "Can I send it back?", "meter"),
    Post("ines-answer", "zoe", _at("03-03 09:00"), "You can, Ines, within a month.", "ines-1"),
    Post("hana-1", "hana", _at("03-05 22:00"), "Is it waterproof?", "meter"),
    Post("hana-machine", "helper", _at("03-05 22:00:05"), "We have got your message.", "hana-1"),
    Post("hana-answer", "zoe", _at("03-06 08:30"), "Only splashproof, Hana.", "hana-1"),
    # Said to us elsewhere: in a quotation, in a post, and in the midst of strangers' talk.
    Post("leo-1", "leo", _at("03-04 10:00"), "Is this the one with a light?", quotes="meter"),
    Post("leo-answer", "meters", _at("03-04 10:10"), "That one it is, Leo.", "leo-1"),
    Post("finn-1", "finn", _at("03-04 12:00"), "Does @meters.test ship?", mentions="meters"),
    Post("rob-1", "rob", _at("03-04 13:00"), "They do not answer anybody.", "finn-1"),
    Post("carla-1", "carla", _at("02-20 10:00"), "Who knows a good workshop?"),
    Post("omar-1", "omar", _at("02-20 11:00"), "Ask @meters.test!", "carla-1", mentions="meters"),
    Post("omar-answer", "zoe", _at("02-20 11:20"), "Come by on Monday, Omar.", "omar-1"),
    Post("tess-1", "tess", _at("03-05 18:00"), "My calibration weights are wrong."),
    # Somebody who left before the first night and comes back before the last one.
    Post("pat-1", "pat", _at("03-04 15:00"), "Where is it made?", "meter"),
    # Deleted in the second night: a question, a post of ours, and whoever asked and was answered.
    Post("lou-1", "lou", _at("03-05 12:00"), "Mine is broken.", "meter"),
    Post("typo", "meters", _at("03-05 08:00"), "Tommorow we are closed."),
    Post("vera-1", "vera", _at("03-04 09:00"), "Can you repair it?", "meter"),
    Post("vera-answer", "zoe", _at("03-04 09:30"), "We can, Vera, bring it along.", "vera-1"),
    # Deeper than the app view tells; another person joins down there.
    Post("deep", "meters", _at("02-24 08:00"), f"All about {SEARCHED}."),
    *_deep(),
    Post("ned-1", "ned", _at("02-24 14:00"), "The same with mine.", "mia-10"),
    *_daily(),
    # The second day: late answers, in an old thread and in the depth of another.
    Post("kim-1", "kim", _at("03-07 10:00"), "A tenth, or less?", "gil-answer"),
    Post("mia-late", "mia", _at("03-07 15:00"), "One more thing?", "zoe-12"),
    # The third day.
    Post("mia-late-answer", "zoe", _at("03-08 09:00"), "Of course, Mia.", "mia-late"),
    Post("dan-answer", "meters", _at("03-08 10:00"), "Or from us, Dan.", "dan-1"),
)
# Taken back in the second night; no list tells of that, so it stays.
UNLIKED = Act("like", "ana", "meter", _at("02-03 18:00"))
ACTS = (
    UNLIKED,
    Act("like", "vera", "meter", _at("03-04 09:01")),
    *(
        Act("like", "nia", post.key, post.sent_at + timedelta(minutes=5))
        for post in POSTS
        if post.key.startswith("daily-")
    ),
    Act("repost", "ben", "meter", _at("02-03 16:00")),
    Act("repost", "meters", "leo-1", _at("03-04 11:00")),
    Act("follow", "eva", "meters", _at("02-12 10:00")),
    Act("follow", "vera", "meters", _at("03-04 09:02")),
    Act("block", "finn", "rob", _at("03-04 12:30")),
)

# An answer to somebody who blocks its author: the app view counts it and tells it to nobody.
HIDDEN = "rob-1"
# Who is away until the third night, and what the second night finds gone.
LEAVES, AWAY = "pat", "pat-1"
DELETED_ACCOUNT, DELETED_POSTS = "vera", ("lou-1", "typo")
GONE = (*DELETED_POSTS, "vera-1")
# What each night finds to be counted and not told. First pat's answer and the hidden one, then
# pat's and vera's, whose answer and follow are counted still though her account is deleted.
UNTOLD = (
    {"threads": 2},
    {"threads": 2, "followers": 1},
    {"threads": 1, "followers": 1},
)

# What is known after the first night; what has changed by the end of the third.
ASKS = (
    Ask("joy-1", "answered", human=3600, human_business=3600),
    Ask("gil-1", "answered", human=7200, human_business=7200),
    Ask("gil-thanks", "closed_by_thanks"),
    Ask("ana-1", "answered", message_count=2, human=7200, human_business=7200),
    Ask("ana-3", "answered", human=3600, human_business=3600),
    Ask("ben-1", "expired"),
    Ask("dan-1", "peer_answered", peer=3600),
    Ask("ida-1", "open", automatic=5),
    Ask("ines-1", "answered", human=234_000, human_business=7200),
    Ask("hana-1", "answered", human=37_800, human_business=1800, automatic=5),
    Ask("leo-1", "answered", human=600, human_business=600, reason="quote"),
    Ask("finn-1", "open", reason="mention"),
    Ask("omar-1", "answered", human=1200, human_business=1200, reason="mention"),
    Ask("lou-1", "open"),
    Ask("vera-1", "answered", human=1800, human_business=1800),
    *(
        Ask(f"mia-{number}", "answered", human=60, human_business=60)
        for number in range(1, DEEP_COUNT + 1)
    ),
)
LATER_ASKS = (
    Ask("lou-1", "withdrawn"),
    Ask("pat-1", "open"),
    Ask("kim-1", "open"),
    Ask("dan-1", "answered", human=432_000, human_business=154_800, peer=3600),
    Ask("mia-late", "answered", human=64_800, human_business=7200),
)
# In order of priority: questions before remarks, the longest wait first; a peer's answer last.
WAITING = ("ida-1", "finn-1", "lou-1", "dan-1")
LATER_WAITING = (
    # Ask, seconds waited by the wall clock, in office hours.
    ("ida-1", 648_000, 162_000),
    ("finn-1", 388_800, 115_200),
    ("pat-1", 378_000, 104_400),
    ("kim-1", 136_800, 25_200),
)
# Person: stage, messages to us and from us, asks, answered, open, two-way contacts, days of them.
RELATIONSHIPS = {
    "Ana": ("conversing", 3, 2, 2, 2, 0, 3, 2),
    "Ben": ("noticed", 1, 0, 1, 0, 0, 0, 0),
    "Carla": ("stranger", 0, 0, 0, 0, 0, 0, 0),
    "Dan": ("heard", 1, 1, 1, 1, 0, 1, 1),
    "Eva": ("stranger", 0, 0, 0, 0, 0, 0, 0),
    "Finn": ("noticed", 1, 0, 1, 0, 1, 0, 0),
    "Gil": ("conversing", 2, 1, 1, 1, 0, 2, 1),
    "Hana": ("heard", 1, 1, 1, 1, 0, 1, 1),
    "Ida": ("noticed", 1, 0, 1, 0, 1, 0, 0),
    "Ines": ("heard", 1, 1, 1, 1, 0, 1, 1),
    "Joy": ("heard", 1, 1, 1, 1, 0, 1, 1),
    "Kim": ("noticed", 1, 0, 1, 0, 1, 0, 0),
    "Leo": ("heard", 1, 1, 1, 1, 0, 1, 1),
    "Lou": ("noticed", 1, 0, 1, 0, 0, 0, 0),
    "Mia": ("conversing", 13, 13, 13, 13, 0, 24, 2),
    "Ned": ("stranger", 0, 0, 0, 0, 0, 0, 0),
    "Nia": ("noticed", 0, 0, 0, 0, 0, 0, 0),
    "Omar": ("heard", 1, 1, 1, 1, 0, 1, 1),
    "Pat": ("noticed", 1, 0, 1, 0, 1, 0, 0),
    "Tess": ("stranger", 0, 0, 0, 0, 0, 0, 0),
    None: ("lost", 1, 1, 1, 1, 0, 1, 1),  # vera, whose name went with her account
}
# Of 29 asks that are more than thanks 23 were answered: 12 after 60 s, then after 600, 1200, 1800,
# 3600 twice, 7200 twice, 37,800, 64,800, 234,000 and 432,000 s. So half were after 1800 s.
RESPONSIVENESS = {
    "clock": ("wall", "business"),
    "ask_count": (29, 29),
    "answered_ask_count": (23, 23),
    "withdrawn_ask_count": (1, 1),
    "unanswered_ask_count": (5, 5),
    "median_reply_seconds": (1800, 1800),
    "within_1h_ratio": (round(17 / 29, 6), round(18 / 29, 6)),
    "within_4h_ratio": (round(19 / 29, 6), round(22 / 29, 6)),
    "within_24h_ratio": (round(21 / 29, 6), round(22 / 29, 6)),
    "people_asked_count": (16, 16),
    "people_answered_count": (10, 10),
    "people_answered_ratio": (0.625, 0.625),
}
# Kind, direction, by whom, of which post, text.
TIMELINES = {
    "hana": (
        ("message", "inbound", "Hana", "hana-1", "Is it waterproof?"),
        ("message", "outbound", "Helper", "hana-machine", "We have got your message."),
        ("message", "outbound", "Zoe", "hana-answer", "Only splashproof, Hana."),
    ),
    "leo": (
        ("message", "inbound", "Leo", "leo-1", "Is this the one with a light?"),
        ("message", "outbound", "Meters", "leo-answer", "That one it is, Leo."),
        ("repost", "outbound", "Meters", "leo-1", None),
    ),
    "eva": (("follow", "inbound", "Eva", None, None),),
    "lou": (("message", "inbound", "Lou", "lou-1", None),),
    "vera": (
        ("message", "inbound", None, "vera-1", None),
        ("reaction", "inbound", None, "meter", None),
        ("follow", "inbound", None, None, None),
        ("message", "outbound", "Zoe", "vera-answer", "We can, Vera, bring it along."),
    ),
}
