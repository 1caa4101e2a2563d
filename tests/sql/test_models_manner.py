"""How we answer and talk, against walks through the community, and statsmodels for intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from community import AS_OF
from dbt_build import Build
from statsmodels.stats.proportion import proportion_confint
from story import Story, at
from test_models_ask import speaker, spoken_to, walked

HUMANS, PEOPLE = ("ours_brand", "ours_person"), ("person", "unknown")
DAYS_3, DAYS_7 = timedelta(hours=72), timedelta(days=7)
Row = dict[str, Any]


def monday(moment: datetime) -> date:
    return moment.date() - timedelta(days=moment.weekday())


def share(part: int, whole: int) -> Any:
    return pytest.approx(part / whole, abs=1e-6) if whole else None


def assert_is_share(row: Row, name: str, part: int, whole: int) -> None:
    """The ratio called `name`, and its interval."""
    assert row[f"{name}_ratio"] == share(part, whole)
    low, high = proportion_confint(part, whole, method="wilson") if whole else (None, None)
    assert row[f"{name}_low_ratio"] == (low if low is None else pytest.approx(low, abs=1e-6))
    assert row[f"{name}_high_ratio"] == (high if high is None else pytest.approx(high, abs=1e-6))


class Told:
    """What is known of a story at AS_OF, looked up by whoever walks through it."""

    def __init__(self, story: Story) -> None:
        self.story = story.until(AS_OF)
        tables = self.story.tables
        self.messages = sorted(tables["message"], key=lambda row: row["message_id"])
        self.by_id = {row["message_id"]: row for row in self.messages}
        self.signal = {row["message_id"]: row for row in tables["message_signal"]}
        self.reply = {row["message_id"]: row for row in tables["reply_signal"]}
        self.machines = {row["message_id"] for row in tables["automated_message"]}
        self.acts = tables["interaction"]
        self.listeners: dict[str, set[str]] = defaultdict(set)  # accounts, by message
        for act in self.acts:
            if act["kind"] == "reply" and act["to_account_id"]:
                self.listeners[act["message_id"]].add(act["to_account_id"])

    def role(self, message: Row) -> str:
        return self.story.roles.get(message["author_id"] or "", "unknown")

    def ours(self) -> Iterator[Row]:
        return (row for row in self.messages if self.role(row).startswith("ours"))

    def from_people(self, conversation: str | None = None) -> Iterator[Row]:
        for row in self.messages:
            if self.role(row) in PEOPLE and conversation in (None, row["conversation_id"]):
                yield row

    def people_spoken_to(self, message: Row) -> set[str]:
        accounts = self.listeners[message["message_id"]]
        roles = self.story.roles
        return {self.story.people[each] for each in accounts if roles[each] in PEOPLE}

    def manner(self, message: Row) -> str:
        """Of one of our replies."""
        if self.role(message) == "ours_bot" or message["message_id"] in self.machines:
            return "automated"
        return "canned" if self.is_canned(message) else "personal"

    def is_canned(self, message: Row) -> bool:
        return self.reply[message["message_id"]].get("canned_at") is not None

    def is_attentive(self, message: Row) -> bool:
        reply, signal = self.reply[message["message_id"]], self.signal[message["message_id"]]
        echoed = signal.get("echoed_word_count") or 0
        return bool(reply["names_addressee"] or reply["is_signed"] or echoed >= 2)

    def is_thanks(self, message: Row) -> bool:
        return bool(self.signal[message["message_id"]]["is_thanks"])


@pytest.fixture(scope="module")
def told(story: Story) -> Told:
    return Told(story)


def by_account_and_week(rows: Iterable[tuple[str, datetime, Any]]) -> dict[Any, list[Any]]:
    """What is given for each account and week, and once more for all of us together."""
    found: dict[Any, list[Any]] = defaultdict(list)
    for account, moment, what in rows:
        found[account, monday(moment)].append(what)
        found["all", monday(moment)].append(what)
    return found


def rows_of(built: Build, mart: str) -> dict[Any, Row]:
    rows = built.rows(f"from {mart}")
    assert len(rows) > 60
    return {(row["account_id"], row["week_from"]): row for row in rows}


def asked_and_answered(told: Told, story: Story) -> dict[date, tuple[set[str], set[str]]]:
    """By week: who asked for more than thanks, and who of them was answered personally."""
    found: dict[date, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for ask in walked(story):
        person, is_thanks = speaker(story, ask.first), all(map(told.is_thanks, ask.messages))
        if person is None or is_thanks:
            continue
        asked, answered = found[monday(ask.first["sent_at"])]
        asked.add(person)
        for message_id in told.reply:
            message = told.by_id[message_id]
            if (
                message["conversation_id"] == ask.first["conversation_id"]
                and message["sent_at"] >= ask.first["sent_at"]
                and told.manner(message) == "personal"
                and person in {story.people[each] for each in told.listeners[message_id]}
            ):
                answered.add(person)
    return found


def test_every_account_and_week_of_replies_is_as_a_reader_counts_it(
    told: Told, story: Story, built: Build
) -> None:
    replies = by_account_and_week(
        (told.by_id[each]["author_id"], told.by_id[each]["sent_at"], told.by_id[each])
        for each in told.reply
    )
    asks = asked_and_answered(told, story)
    rows = rows_of(built, "human_vs_robot")
    assert set(rows) == set(replies) | {("all", week) for week in asks}
    for (account, week), row in rows.items():
        written = replies[account, week]
        n = len(written)
        personal = [each for each in written if told.manner(each) == "personal"]
        counts = {
            name: sum(told.manner(each) == name for each in written)
            for name in ("automated", "canned", "personal")
        }
        counts["attentive"] = sum(map(told.is_attentive, personal))
        counts["deflection"] = sum(
            told.signal[each["message_id"]]["has_deflection"] for each in written
        )
        assert row["reply_count"] == n
        for name, count in counts.items():
            assert (row[f"{name}_count"], row[f"{name}_ratio"]) == (count, share(count, n))
        spoken_to_all = set[str]().union(*map(told.people_spoken_to, written))
        spoken_to_personally = set[str]().union(*map(told.people_spoken_to, personal))
        asked, answered = asks[week] if account == "all" else (None, spoken_to_personally)
        people = spoken_to_all if asked is None else asked
        assert row["people_spoken_to_count"] == len(spoken_to_all)
        assert row["people_asked_count"] == (None if asked is None else len(asked))
        assert row["people_personally_answered_count"] == len(answered)
        assert_is_share(row, "personal_answer", len(answered), len(people))
        assert row["is_complete"] == (week + timedelta(days=7) <= AS_OF.date())


def asked_again(told: Told, person: str, conversation: str, after: datetime) -> bool:
    return any(
        speaker(told.story, each) == person
        and each["is_addressed_to_us"]
        and not told.is_thanks(each)
        and after < each["sent_at"] <= after + DAYS_3
        for each in told.from_people(conversation)
    )


def reasks(told: Told, replies: Iterable[Row]) -> list[bool]:
    """For each person whom the replies reached first so long ago: whether they asked again."""
    first: dict[str, tuple[datetime, str]] = {}
    for reply in replies:
        for person in told.people_spoken_to(reply):
            received = (reply["sent_at"], reply["conversation_id"])
            first[person] = min(received, first.get(person, received))
    return [
        asked_again(told, person, conversation, moment)
        for person, (moment, conversation) in first.items()
        if moment + DAYS_3 < AS_OF
    ]


def follow_ups(told: Told, canned: Iterable[Row]) -> dict[str, Row]:
    return {
        each["message_id"]: each
        for reply in canned
        for each in told.from_people(reply["conversation_id"])
        if speaker(told.story, each) in told.people_spoken_to(reply)
        and reply["sent_at"] < each["sent_at"] <= reply["sent_at"] + DAYS_3
    }


def test_every_template_is_as_a_reader_finds_it(told: Told, built: Build) -> None:
    uses: dict[str, list[Row]] = defaultdict(list)
    for message_id, reply in told.reply.items():
        if reply.get("template_id"):
            uses[reply["template_id"]].append(told.by_id[message_id])
    uses = {name: used for name, used in uses.items() if any(map(told.is_canned, used))}
    replies = [told.by_id[each] for each in told.reply]
    personally = reasks(told, [each for each in replies if told.manner(each) == "personal"])
    rows = {row["template_id"]: row for row in built.rows("from canned_template")}
    assert set(rows) == set(uses)
    assert len(rows) == 3
    for name, row in rows.items():
        used = uses[name]
        canned = [each for each in used if told.is_canned(each)]
        times = [each["sent_at"] for each in used]
        assert (row["use_count"], row["automated_use_count"], row["people_count"]) == (
            len(used),
            sum(told.manner(each) == "automated" for each in used),
            len(set[str]().union(*map(told.people_spoken_to, used))),
        )
        assert row["channel_count"] == len({each["channel"] for each in used})
        assert row["colleague_count"] == len(
            {each["author_id"] for each in used if told.role(each) in HUMANS}
        )
        assert (row["first_used_at"], row["last_used_at"]) == (min(times), max(times))
        again = reasks(told, canned)
        assert (row["reask_people_count"], row["people_reasked_count"]) == (len(again), sum(again))
        assert_is_share(row, "reask", sum(again), len(again))
        assert row["personal_reask_people_count"] == len(personally)
        assert row["personal_reask_ratio"] == share(sum(personally), len(personally))
        assert_sounds_like(told, row, follow_ups(told, canned))
        assert row["sample_text"] == sample_text(told, used)
    assert any(row["people_reasked_count"] for row in rows.values())
    assert any(row["mean_follow_up_sentiment_score"] is not None for row in rows.values())


def assert_sounds_like(told: Told, row: Row, followed: dict[str, Row]) -> None:
    scores = {each: told.signal[each].get("sentiment_score") for each in followed}
    known = [Fraction(str(score)) for score in scores.values() if score is not None]
    people = {speaker(told.story, followed[each]) for each, score in scores.items() if score}
    assert (row["follow_up_count"], row["scored_follow_up_count"]) == (len(scores), len(known))
    assert row["scored_follow_up_ratio"] == share(len(known), len(scores))
    is_enough = len(known) >= 20 and len(people) >= 5
    mean = pytest.approx(float(sum(known) / len(known)), abs=1e-6) if is_enough else None
    assert row["mean_follow_up_sentiment_score"] == mean


def sample_text(told: Told, used: list[Row]) -> str | None:
    """The origin's, or else the latest one's."""
    with_text = [each for each in used if not each["deleted_at"] and each["text"] is not None]
    with_text.sort(key=lambda each: (each["sent_at"], each["message_id"]))
    origins = [each for each in with_text if told.reply[each["message_id"]]["is_template_origin"]]
    found = (origins or with_text)[-1:]
    return str(found[0]["text"]) if found else None


def kind_of_talk(told: Told, message: Row, heard: dict[str, set[str]]) -> str:
    """The one kind of a message of ours; `heard` tells whom a message speaks to, unknown too."""
    message_id = message["message_id"]
    listeners = heard[message_id]
    is_to_others = message_id in told.reply or any(
        each.startswith("unknown ") for each in listeners
    )
    has_spoken = any(
        (speaker(told.story, each) or "unknown " + each["message_id"]) in listeners
        and each["sent_at"] <= message["sent_at"]
        for each in told.messages
        if each["conversation_id"] == message["conversation_id"]
        and not told.role(each).startswith("ours")
    )
    if told.signal[message_id]["is_promotion"]:
        return "promotion"
    if listeners and not is_to_others:
        return "internal"
    if told.role(message) == "ours_bot" or message_id in told.machines:
        return "automated_message"
    if not is_to_others:
        return "post"
    if message_id in told.reply and told.is_canned(message):
        return "canned_reply"
    return "personal_reply" if has_spoken else "proactive"


def is_noise(told: Told, post: Row) -> bool:
    return not any(
        told.signal[each["message_id"]]["word_count"] >= 3
        and not told.is_thanks(each)
        and not each["deleted_at"]
        and post["sent_at"] < each["sent_at"] <= post["sent_at"] + DAYS_7
        for each in told.from_people(post["conversation_id"])
    )


KINDS = (
    "personal_reply", "proactive", "canned_reply", "automated_message", "promotion", "post",
    "repost", "internal",
)  # fmt: skip


def test_all_that_we_say_is_of_the_kind_that_a_reader_gives_it(
    told: Told, story: Story, built: Build
) -> None:
    heard = spoken_to(story)
    talks = [
        (each["author_id"], each["sent_at"], (kind_of_talk(told, each, heard), each))
        for each in told.ours()
    ]
    talks += [
        (act["from_account_id"], act["occurred_at"], ("repost", None))
        for act in told.acts
        if act["kind"] == "repost" and told.story.is_ours(act["from_account_id"])
        if act["occurred_at"]
    ]
    assert {what[0] for _, _, what in talks} == set(KINDS)
    expected = by_account_and_week(talks)
    rows = rows_of(built, "talk_vs_listen")
    assert set(expected) <= set(rows)
    for key, row in rows.items():
        counts = {name: sum(kind == name for kind, _ in expected[key]) for name in KINDS}
        outbound = sum(counts.values()) - counts["internal"]
        assert {name: row[f"{name}_count"] for name in KINDS} == counts
        assert row["outbound_count"] == outbound
        conversing = counts["personal_reply"] + counts["proactive"]
        assert row["conversation_ratio"] == share(conversing, outbound)
        replies = counts["canned_reply"] + counts["personal_reply"]
        assert row["canned_reply_ratio"] == share(counts["canned_reply"], replies)
        assert row["promotion_ratio"] == share(counts["promotion"], outbound)
        said = [each for kind, each in expected[key] if kind not in ("internal", "repost")]
        questions = sum(told.signal[each["message_id"]]["is_question"] for each in said)
        assert row["question_count"] == questions
        assert row["question_ratio"] == share(questions, len(said))
        posts = [
            each
            for each in said
            if not heard[each["message_id"]] and each["message_id"] not in told.reply
            if each.get("parent_id") is None and each["sent_at"] + DAYS_7 < AS_OF
        ]
        noise = sum(is_noise(told, each) for each in posts)
        assert (row["judged_post_count"], row["noise_count"]) == (len(posts), noise)
        assert row["noise_ratio"] == share(noise, len(posts))


def is_heard(told: Told, message: Row, heard: dict[str, set[str]]) -> bool:
    """Answered by a human of ours in the conversation, or reacted to, within a week."""
    moments = [
        each["sent_at"]
        for each in told.ours()
        if told.role(each) in HUMANS
        and each["conversation_id"] == message["conversation_id"]
        and speaker(told.story, message) in heard[each["message_id"]]
    ] + [
        act["occurred_at"]
        for act in told.acts
        if act["kind"] in ("reaction", "repost")
        and act["message_id"] == message["message_id"]
        and told.story.roles[act["from_account_id"]] in HUMANS
        and act["occurred_at"]
    ]
    sent_at = message["sent_at"]
    return any(sent_at <= moment <= sent_at + DAYS_7 for moment in moments)


def test_whoever_speaks_to_us_is_counted_and_whoever_is_heard(
    told: Told, story: Story, built: Build
) -> None:
    heard = spoken_to(story)
    inbound: dict[Any, set[str]] = defaultdict(set)
    spoke: dict[date, set[str]] = defaultdict(set)
    found: dict[date, set[str]] = defaultdict(set)
    for each in told.from_people():
        message_id, week = each["message_id"], monday(each["sent_at"])
        named = {account for account in told.listeners[message_id] if story.is_ours(account)}
        for account in named | ({"all"} if each["is_addressed_to_us"] else set()):
            inbound[account, week].add(message_id)
        person = speaker(story, each)
        if each["is_addressed_to_us"] and not told.is_thanks(each) and person:
            spoke[week].add(person)
            if is_heard(told, each, heard):
                found[week].add(person)
    rows = rows_of(built, "talk_vs_listen")
    assert set(inbound) <= set(rows)
    unknown = 0
    for (account, week), row in rows.items():
        count = len(inbound[account, week])
        assert row["inbound_count"] == count
        per_outbound = count / row["outbound_count"] if row["outbound_count"] else None
        assert row["inbound_per_outbound"] == (
            None if per_outbound is None else pytest.approx(per_outbound, abs=1e-6)
        )
        people = len(spoke[week]) if account == "all" and spoke[week] else None
        assert row["people_spoke_count"] == people
        is_known = week + timedelta(days=14) <= AS_OF.date()
        if people and is_known:
            assert row["people_heard_count"] == len(found[week])
            assert_is_share(row, "heard", len(found[week]), people)
        else:
            unknown += people is not None
            assert row["people_heard_count"] is row["heard_ratio"] is row["heard_low_ratio"] is None
    assert unknown >= 1


@pytest.mark.parametrize("mart", ["human_vs_robot", "talk_vs_listen"])
def test_accounts_add_up_to_all_of_us(built: Build, mart: str) -> None:
    columns = {
        "human_vs_robot": ("reply_count", "personal_count", "attentive_count", "deflection_count"),
        "talk_vs_listen": ("outbound_count", "internal_count", "noise_count", "question_count"),
    }[mart]
    sums = ", ".join(f"cast(sum({name}) as bigint) as {name}" for name in columns)
    query = f"select week_from, {sums} from {mart} where account_id {{}} 'all' group by all"
    single = {row.pop("week_from"): row for row in built.rows(query.format("<>"))}
    for row in built.rows(query.format("=")):
        assert single.get(row.pop("week_from"), dict.fromkeys(columns, 0)) == row


def test_a_reply_is_of_the_same_manner_in_both_marts(built: Build) -> None:
    """But for promotion, which goes before all else in `talk_vs_listen`."""
    found = built.rows("""
        select distinct
            is_automated, is_canned and not is_automated as is_canned, is_personal, talk_kind
        from intermediate.int_reply
        inner join intermediate.int_talk on int_reply.message_id = int_talk.talk_id
        where talk_kind <> 'promotion'
        order by all
    """)
    assert [tuple(row.values()) for row in found] == [
        (False, False, True, "proactive"),
        (False, False, True, "reply"),
        (False, True, False, "canned"),
        (True, False, False, "automated"),
    ]


def p5(day: str = "2026-03-03 ") -> Story:
    """Post 10, reply 25, proactive 5, repost 4, promotion 6, canned 10: all of one morning."""
    story, people = Story(), [f"p{number:02}" for number in range(40)]
    story.person("zoe", "ours_person")
    asks = []
    for person in people:
        story.person(person)
        asks.append(story.says(person, at(day + "08:00"), f"c-{person}", "zoe"))
    for number in range(10):
        story.says("zoe", at(day + "09:00"), f"post{number}")
    for number in range(6):
        story.signals(story.says("zoe", at(day + "09:00"), f"promo{number}"), is_promotion=True)
    for number, person in enumerate(people[:35]):
        reply = story.says("zoe", at(day + "09:00"), f"c-{person}", person)
        if number >= 24:  # the first use is the origin, and personal
            canned_at = None if number == 24 else at(day + "09:00")
            story.signals(reply, template_id="t", is_template_origin=number == 24)
            story.signals(reply, canned_at=canned_at)
    for person in people[35:]:
        story.says("zoe", at(day + "09:00"), f"hello-{person}", person)
    for person, ask in zip(people[:4], asks, strict=False):
        story.reacts("zoe", person, ask, at(day + "10:00"), "repost")
    return story


def test_worked_example_p5_from_core_to_marts(new_build: Callable[[Story], Build]) -> None:
    build = new_build(p5())
    done = build.dbt("run", as_of=at("2026-03-21 00:00"))
    assert done.returncode == 0, done.stdout[-4000:]
    [talk] = build.rows("""
        select
            post_count, personal_reply_count, proactive_count, repost_count, promotion_count,
            canned_reply_count, outbound_count, conversation_ratio, canned_reply_ratio, heard_ratio
        from talk_vs_listen where account_id = 'all'
    """)
    assert tuple(talk.values()) == (10, 25, 5, 4, 6, 10, 60, 0.5, 0.285714, 0.875)
    [manner] = build.rows("""
        select people_asked_count, people_personally_answered_count from human_vs_robot
        where account_id = 'all'
    """)
    assert tuple(manner.values()) == (40, 25)
