"""What is said on the test site, in plain facts, and what Rapport must find out about it.

The site keeps Madrid time. Everything is asked on an account named `blog.acme.test`; `ASKS` is
what the semantics of an ask give by hand for these facts, as known at `AS_OF`, with office hours
from Monday to Friday, 09:00 to 18:00 in Madrid, and no holidays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

ACCOUNT = "blog.acme.test"
TIME_ZONE = "Europe/Madrid"
HISTORY_FROM = datetime(2025, 1, 1, tzinfo=UTC)
AS_OF = datetime(2025, 3, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Author:
    """Who writes: `user_id` is 0 for a guest, who is known by what the comment form says."""

    name: str
    email: str
    user_id: int = 0
    login: str = ""
    url: str = ""
    role: str = "subscriber"


@dataclass(frozen=True)
class Post:
    """Something we published."""

    id: int
    author: Author
    sent_at: datetime
    title: str
    text: str
    kind: str = "post"


@dataclass(frozen=True)
class Comment:
    """Something said under a post; `parent` is 0 where it answers the post itself."""

    id: int
    post: int
    parent: int
    author: Author
    sent_at: datetime
    text: str
    kind: str = "comment"
    approved: str = "1"

    @property
    def is_public(self) -> bool:
        return self.kind == "comment" and self.approved == "1"


@dataclass(frozen=True)
class Ask:
    """What must come out: an ask named by its first comment, clocks in seconds, null for none."""

    comment: int
    asked_at: datetime
    outcome: str
    message_count: int = 1
    human: int | None = None
    human_business: int | None = None
    peer: int | None = None
    automatic: int | None = None
    is_only_thanks: bool = False

    @property
    def ask_id(self) -> str:
        return f"wordpress:{ACCOUNT}:comment-{self.comment}"

    @property
    def person(self) -> int | None:
        """Seconds until the first human word, ours or another person's."""
        return min((each for each in (self.human, self.peer) if each is not None), default=None)


def _at(text: str) -> datetime:
    """A moment of 2025 (or of the year given), in UTC."""
    return datetime.fromisoformat(f"{text if text[4] == '-' else f'2025-{text}'}+00:00")


ACME = Author("Acme Instruments", "acme@acme.test", 1, "acme", role="administrator")
ZOE = Author("Zoe Martin", "zoe@acme.test", 2, "zoe", role="editor")
HELPER = Author("Acme Helper", "helper@acme.test", 3, "acme-helper")
ANA = Author("Ana Ruiz", "ana@mail.test", 10, "ana", url="https://ana.test")
BEN = Author("Ben Okafor", "ben@mail.test", 11, "ben")
CHLOE = Author("Chloé Dupont", "chloe@mail.test", 12, "chloe")
USERS = (ACME, ZOE, HELPER, ANA, BEN, CHLOE)
GIL = Author("Gil", "gil@mail.test", url="https://gil.test")
HANAKO = Author("山田 花子", "hanako@mail.test")
ANNA = Author("Anna", "anna@mail.test")
OTHER_ANNA = Author("Anna", "anna.b@mail.test")
IDA = Author("Ida", "ida@mail.test")
JO = Author("Jo", "jo@mail.test")
KIM = Author("Kim", "kim@mail.test")
LEA = Author("Lea", "lea@mail.test")
MIA = Author("Mia", "mia@mail.test")
PRETENDER = Author("acme", "pretender@mail.test", url="https://acme.test")
NOBODY = Author("", "")
CROWD = tuple(Author(f"Visitor {n:03}", f"visitor{n}@mail.test") for n in range(1, 121))
CROWD_FROM = _at("02-18 09:00")
_PAGE = Author("Somebody else's blog", "", url="https://elsewhere.test/post")
_SELLER = Author("Cheap pills", "pills@spam.test", url="https://spam.test")

POSTS = (
    Post(50, ACME, _at("2023-04-03 08:00"), "About", "We build measuring instruments.", "page"),
    Post(100, ACME, _at("2023-05-01 08:00"), "Opening", "Our first workshop is open."),
    Post(101, ACME, _at("02-03 08:00"), "Field notes", "<p>The new meter is out.</p>"),
    Post(102, ZOE, _at("02-05 09:00"), "Calibration & care", "<p>How we calibrate.</p>"),
    Post(103, ACME, _at("02-17 09:00"), "Give-away", "<p>Tell us what you measure.</p>"),
)
_SINGLE_COMMENTS = (
    # An old post and a page get new comments; the comment answered was written before the history.
    Comment(10, 100, 0, ACME, _at("2023-05-03 08:00"), "Come and see us."),
    Comment(200, 100, 10, JO, _at("02-20 10:00"), "Is the workshop still open?"),
    Comment(201, 100, 200, ZOE, _at("02-20 11:00"), "It is, from ten to six."),
    Comment(202, 50, 0, KIM, _at("02-24 10:00"), "Where can I buy one?"),
    Comment(203, 50, 202, ACME, _at("02-24 10:10"), "In every good shop."),
    # A guest asks, gets an answer two hours later, and says thanks.
    Comment(
        210, 101, 0, GIL, _at("02-03 10:00"), "Does it measure < 5 cm & log it?\n\nThat is all."
    ),
    Comment(211, 101, 210, ZOE, _at("02-03 12:00"), "Yes, down to two."),
    Comment(212, 101, 211, GIL, _at("02-03 12:30"), "Thank you!"),
    # Two messages, then an answer: one ask. A day later another one.
    Comment(213, 101, 0, ANA, _at("02-04 09:00"), "Which battery does it take?"),
    Comment(214, 101, 213, ANA, _at("02-04 09:30"), "And how long does it last?"),
    Comment(215, 101, 214, ZOE, _at("02-04 11:00"), "A coin cell, for about a year."),
    Comment(216, 101, 215, ANA, _at("02-05 08:00"), "Can I change it myself?"),
    Comment(217, 101, 216, ACME, _at("02-05 09:00"), "Yes, without any tool."),
    # Never answered: what we tell everybody answers nobody.
    Comment(218, 101, 0, BEN, _at("02-03 15:00"), "Will there be a blue one?"),
    Comment(219, 101, 0, ACME, _at("02-06 10:00"), "The manual is now online."),
    # Somebody without a name is answered; then two of us talk with each other.
    Comment(220, 101, 0, NOBODY, _at("02-04 10:00"), "Does it need an app?"),
    Comment(221, 101, 220, ACME, _at("02-04 10:20"), "No app at all."),
    Comment(222, 101, 221, ZOE, _at("02-04 10:25"), "Nor an account."),
    # Only our bot answers.
    Comment(223, 101, 0, OTHER_ANNA, _at("03-01 12:00"), "Do you ship to Norway?"),
    Comment(224, 101, 223, HELPER, _at("03-01 12:00:05"), "We have got your question."),
    # Only another person answers.
    Comment(230, 102, 0, BEN, _at("02-27 10:00"), "How often must it be done?"),
    Comment(231, 102, 230, ANA, _at("02-27 11:00"), "I do it once a year."),
    # Friday evening to Monday morning; half a minute; our bot first and a human next morning.
    Comment(232, 102, 0, CHLOE, _at("02-28 16:00"), "Où puis-je le faire étalonner ?"),
    Comment(233, 102, 232, ZOE, _at("03-03 09:00"), "Chez nous, bien sûr 🙂"),
    Comment(234, 102, 0, HANAKO, _at("03-04 09:15:30"), "これは防水ですか?"),
    Comment(235, 102, 234, ACME, _at("03-04 09:16:00"), "はい、防水です。"),
    Comment(236, 102, 0, ANNA, _at("03-06 22:00"), "Is the dial made of glass?"),
    Comment(237, 102, 236, HELPER, _at("03-06 22:00:05"), "We have got your question."),
    Comment(238, 102, 236, ACME, _at("03-07 08:30"), "Of sapphire glass."),
    # Waiting. The pretender is a guest who gives our name.
    Comment(239, 102, 0, ANA, _at("03-08 20:00"), "Can I send mine in as well?"),
    Comment(240, 102, 0, PRETENDER, _at("03-08 23:30"), "Is it true that you close down?"),
    # Just thanks, until it is edited.
    Comment(241, 102, 0, LEA, _at("03-06 09:00"), "Thanks a lot!"),
    # Asked and answered in the moderators' view, made public days later.
    Comment(242, 102, 0, IDA, _at("03-05 10:00"), "Does it work in the cold?", approved="0"),
    Comment(243, 102, 242, ZOE, _at("03-07 10:00"), "Down to minus twenty.", approved="0"),
    # Not a person's word to us, or not public.
    Comment(244, 102, 0, _PAGE, _at("03-02 10:00"), "[…] as Acme says […]", kind="pingback"),
    Comment(245, 102, 0, _PAGE, _at("03-02 10:01"), "As Acme says", kind="trackback"),
    Comment(246, 102, 0, _SELLER, _at("03-02 11:00"), "Buy pills", approved="spam"),
    Comment(247, 102, 0, _SELLER, _at("03-02 11:01"), "Buy more pills", approved="trash"),
    # At midnight in UTC, at one o'clock in Madrid.
    Comment(248, 103, 0, CHLOE, _at("02-20 00:00"), "I measure snow."),
    Comment(249, 103, 248, ZOE, _at("02-20 09:00"), "In the Alps?"),
    # Made public after weeks.
    Comment(250, 101, 0, MIA, _at("02-10 10:00"), "Is it good for children?", approved="0"),
)
LATE = (242, 243)
EDITED, EDITED_TEXT = 241, "Thanks a lot! One more thing: does it float?"
# What moderators do weeks later, when no look-back reaches those days.
VERY_LATE = 250
OLD_EDITED, OLD_EDITED_TEXT = 218, "Will there be a blue one, or a green one?"
DELETED, TRASHED, SPAM = 249, 222, 231


def _crowd() -> tuple[Comment, ...]:
    """Each visitor speaks once; visitor n is answered by Zoe n minutes later where n is even."""
    said = []
    for number, visitor in enumerate(CROWD, start=1):
        sent_at = CROWD_FROM + timedelta(minutes=number)
        said.append(Comment(1000 + number, 103, 0, visitor, sent_at, f"I measure room {number}."))
        if number % 2 == 0:
            answered_at = sent_at + timedelta(minutes=number)
            said.append(Comment(2000 + number, 103, 1000 + number, ZOE, answered_at, "Well done."))
    return tuple(said)


COMMENTS = _SINGLE_COMMENTS + _crowd()

ASKS = (
    Ask(200, _at("02-20 10:00"), "answered", human=3600, human_business=3600),
    Ask(202, _at("02-24 10:00"), "answered", human=600, human_business=600),
    Ask(210, _at("02-03 10:00"), "answered", human=7200, human_business=7200),
    Ask(212, _at("02-03 12:30"), "closed_by_thanks", is_only_thanks=True),
    Ask(213, _at("02-04 09:00"), "answered", message_count=2, human=7200, human_business=7200),
    Ask(216, _at("02-05 08:00"), "answered", human=3600, human_business=3600),
    Ask(218, _at("02-03 15:00"), "expired"),
    Ask(220, _at("02-04 10:00"), "answered", human=1200, human_business=1200),
    Ask(223, _at("03-01 12:00"), "open", automatic=5),
    Ask(230, _at("02-27 10:00"), "peer_answered", peer=3600),
    Ask(232, _at("02-28 16:00"), "answered", human=234_000, human_business=7200),
    Ask(234, _at("03-04 09:15:30"), "answered", human=30, human_business=30),
    Ask(236, _at("03-06 22:00"), "answered", human=37_800, human_business=1800, automatic=5),
    Ask(239, _at("03-08 20:00"), "open"),
    Ask(240, _at("03-08 23:30"), "open"),
    Ask(241, _at("03-06 09:00"), "closed_by_thanks", is_only_thanks=True),
    Ask(248, _at("02-20 00:00"), "answered", human=32_400, human_business=3600),
    *(
        Ask(
            1000 + number,
            CROWD_FROM + timedelta(minutes=number),
            "open" if number % 2 else "answered",
            human=None if number % 2 else number * 60,
            human_business=None if number % 2 else number * 60,
        )
        for number in range(1, len(CROWD) + 1)
    ),
)
LATE_ASK = Ask(242, _at("03-05 10:00"), "answered", human=172_800, human_business=64_800)
EDITED_ASK = Ask(EDITED, _at("03-06 09:00"), "open")
