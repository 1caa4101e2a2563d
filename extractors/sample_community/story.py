"""What happens in the sample community: who speaks when, to whom, and who answers.

An agenda of moments is worked off in order; each moment tells one exchange to its end, so that its
later messages may be sent days after. Where an exchange leads decides how its person lives on.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

from extractors.sample_community import words
from extractors.sample_community.cast import LURKER, Cast, Life
from extractors.sample_community.hours import Calendar
from extractors.sample_community.people import (
    DAY,
    HOUR,
    MINUTE,
    Account,
    Introduction,
    LifeEvent,
    Message,
    Profile,
    Settings,
)
from extractors.sample_community.record import Record
from extractors.sample_community.words import TONGUES, Dice, Matter

Mix = tuple[tuple[str, float], ...]

# How often an answer is of which kind: to a question, to a remark, to a word in the storm.
ASKED: Mix = (("personal", 50), ("canned", 15), ("late", 9), ("none", 17), ("bot_only", 9))
REMARKED: Mix = (("personal", 34), ("canned", 9), ("late", 4), ("none", 48), ("bot_only", 5))
STORMED: Mix = (("personal", 14), ("canned", 20), ("late", 6), ("none", 50), ("bot_only", 10))

# What people come for, and how an outcome changes the chance that they lapse.
ERRANDS: Mix = (("ask", 52), ("remark", 9), ("talk", 25), ("story", 8), ("stargaze", 6))
WEARINESS = {"personal": 0.6, "late": 1.4, "canned": 1.4, "bot_only": 2.0, "none": 2.2}


class Story:
    """The community's history while it is being told."""

    def __init__(self, settings: Settings, cast: Cast, dice: Dice) -> None:
        self.settings, self.cast, self.dice = settings, cast, dice
        self.calendar, self.record = Calendar(settings), Record(dice)
        self.introductions: list[Introduction] = []
        self.life_events: list[LifeEvent] = []
        storm_day = 1 + int(settings.days * 0.52)
        self.storm = (self.calendar.midnights[storm_day], self.calendar.midnights[storm_day + 7])
        self._agenda: list[tuple[float, int, Callable[..., object], tuple[Any, ...]]] = []
        self._planned = 0
        self._present: list[Life] = []
        self._posts: list[Message] = []  # what we posted lately on social
        self._topics: list[Message] = []  # what people opened lately in the forum

    def tell(self) -> None:
        """Work off the agenda until the end of the community's time."""
        self._plan_days()
        self._plan(self.storm[0] + 9.5 * HOUR, self._start_storm)
        for life in self.cast.lives:
            if life.habit is not LURKER and not life.comes_by_storm:
                first = life.arrives + self.dice.wait(min(life.gap_days, 20.0)) * DAY
                self._plan(self._awake_after(first, life.arrives), self._visit, life)
        while self._agenda:
            moment, _, happening, of_whom = heapq.heappop(self._agenda)
            if moment < self.settings.end:
                happening(moment, *of_whom)

    # What is planned, and when.

    def _plan(self, moment: float, happening: Callable[..., object], *of_whom: object) -> None:
        self._planned += 1
        heapq.heappush(self._agenda, (moment, self._planned, happening, of_whom))

    def _awake_after(self, moment: float, previous: float) -> float:
        if moment >= self.settings.end:
            return moment  # never told
        awake = self.calendar.awake_at(moment, self.dice)
        while awake <= previous:
            awake += DAY
        return awake

    def _plan_days(self) -> None:
        size = max(self.settings.people / 1500, 0.15)
        for day in range(1, self.settings.days + 1):
            morning = self.calendar.midnights[day] + 9 * HOUR
            chances = (
                (0.85, self._post),
                (0.9 * size, self._check_in),
                (0.6 * size, self._introduce),
            )
            for chance, happening in chances if self.calendar.is_workday(day) else ():
                if self.dice.chance(chance):
                    self._plan(morning + self.dice.between(0, 6 * HOUR), happening)
            if self.dice.chance(0.6):
                self._plan(morning + self.dice.between(-8 * HOUR, 14 * HOUR), self._bot_speaks)

    def _start_storm(self, at: float) -> None:
        post = self.record.say(self.cast.brand, at, words.VIRAL_POST, "broadcast", channel="social")
        for _ in range(int(self.settings.people * 0.7)):
            self._plan(self._in_the_storm(post), self._drop_by, post)
        for life in self.cast.lives:
            if life.comes_by_storm and life.habit is not LURKER:
                moment = self._in_the_storm(post)
                life.arrives = int(moment) - self.dice.whole(10 * MINUTE, HOUR)
                profile = life.account.profiles[-1]
                life.account.profiles = [Profile(life.arrives, profile.name, profile.links)]
                self._plan(moment, self._visit, life, post)

    def _in_the_storm(self, post: Message) -> float:
        moment = self.dice.wait(1.8 * DAY) % (6.5 * DAY)
        return self._awake_after(post.sent + moment, post.sent + HOUR)

    # How people live: they come, have an errand, and come again or not.

    def _visit(self, at: float, life: Life, post: Message | None = None) -> None:
        if not life.is_present:
            life.is_present = True
            self._present.append(life)
            if life.has_lapsed:
                self.life_events.append(LifeEvent(int(at), life.account, "came_back"))
        if post:
            self._live_on(at, life, self._comment(at, life, post))
            return
        errands = {
            "ask": self._ask,
            "remark": self._remark,
            "talk": self._talk,
            "story": self._tell_story,
            "stargaze": self._stargaze,
        }
        self._live_on(at, life, errands[self.dice.weighted(ERRANDS)](at, life))

    def _live_on(self, at: float, life: Life, outcome: str) -> None:
        if self.dice.chance(life.habit.lapse_chance * WEARINESS.get(outcome, 1.0)):
            life.is_present, life.has_lapsed = False, True
            self._present.remove(life)
            self.life_events.append(LifeEvent(int(at), life.account, "lapsed"))
            if self.dice.chance(0.05 if life.habit.lapse_chance > 0.5 else 0.35):
                back = at + self.dice.between(45, 130) * DAY
                self._plan(self._awake_after(back, at), self._visit, life)
            return
        if life.habit.gap_days < 20 and not life.has_drifted and self.dice.chance(0.012):
            life.has_drifted, life.gap_days = True, life.gap_days * 3.5
            self.life_events.append(LifeEvent(int(at), life.account, "drifted"))
        again = at + self.dice.wait(life.gap_days) * DAY
        self._plan(self._awake_after(again, at), self._visit, life)

    # What people do. Each tells how it ended for the person.

    def _ask(self, at: float, life: Life) -> str:
        channel = "chat"
        if not (self.calendar.is_chat_time(at) and self.dice.chance(0.35)):
            channel = self.dice.weighted((("forum", 0.62), ("social", 0.38)))
        about = words.matter(self.dice, life.account.language)
        body = about.say(self.dice, TONGUES[about.language].questions)
        whom = () if channel == "forum" else (self._whom_to_ask(life, at),)
        first = self.record.say(
            life.voice(channel), at, body, "ask", channel=channel, mentions=whom
        )
        if channel == "forum":
            _remember(self._topics, first)
        last = self._say_more(about, first)
        return self._await_answer(life, about, last, ASKED)

    def _say_more(self, about: Matter, word: Message) -> Message:
        """Several messages in a row before anybody answers."""
        count = 0
        while count < 3 and self.dice.chance(0.22):
            at = word.sent + self.dice.between(40, 20 * MINUTE)
            body = about.say(self.dice, TONGUES[about.language].additions)
            mentions = word.mentions if word.channel == "chat" else ()
            word = self.record.reply(word.author, at, body, "more", word, mentions=mentions)
            count += 1
        return word

    def _remark(self, at: float, life: Life) -> str:
        if not self._posts:
            return self._ask(at, life)
        return self._comment(at, life, self.dice.pick(self._posts))

    def _drop_by(self, at: float, post: Message) -> None:
        """Somebody who is around sees our post and says something."""
        if self._present:
            self._comment(at, self.dice.pick(self._present), post)

    def _comment(self, at: float, life: Life, post: Message) -> str:
        voice, about = life.voice("social"), words.matter(self.dice, life.account.language)
        body = about.say(self.dice, TONGUES[about.language].comments)
        how = self.dice.weighted((("comment", 85), ("quote", 7), ("thanks", 8)))
        if how == "thanks":
            self._thank(voice, at, about, post)
            return "talk"
        if how == "quote":
            word = self.record.say(voice, at, body, "quote", channel="social", quoted=post)
        else:
            word = self.record.reply(voice, at, body, "comment", post)
        return self._await_answer(life, about, word, REMARKED)

    def _tell_story(self, at: float, life: Life) -> str:
        about = words.matter(self.dice, life.account.language)
        body = about.say(self.dice, TONGUES[about.language].stories)
        word = self.record.say(life.voice("forum"), at, body, "story", channel="forum")
        _remember(self._topics, word)
        return self._await_answer(life, about, word, REMARKED)

    def _stargaze(self, at: float, life: Life) -> str:
        """A post on social that is not for us; friends answer it without us."""
        about = words.matter(self.dice, life.account.language)
        body = about.say(self.dice, TONGUES[about.language].stories)
        word = self.record.say(life.voice("social"), at, body, "stargaze", channel="social")
        friend = self._friend_of(life)
        if friend:
            self._chat_along(life, friend, about, word, 40 * MINUTE)
        return "talk"

    def _talk(self, at: float, life: Life) -> str:
        """Talk with a friend: in the chat, on social, or under somebody's topic in the forum."""
        friend = self._friend_of(life)
        if not friend:
            return self._stargaze(at, life)
        about = words.matter(self.dice, life.account.language)
        is_chat = self.calendar.is_chat_time(at) and self.dice.chance(0.5)
        if not is_chat and self.dice.chance(0.45) and self._join_topic(at, life, about):
            return "talk"
        channel = "chat" if is_chat else "social"
        to_all = is_chat and self.dice.chance(0.25)
        word = self.record.say(
            *(life.voice(channel), at, self._small_talk(about)),
            "mumble" if to_all else "chatter",
            channel=channel,
            mentions=() if to_all else (friend.voice(channel),),
        )
        self._chat_along(life, friend, about, word, (4 if is_chat else 40) * MINUTE)
        return "talk"

    def _join_topic(self, at: float, life: Life, about: Matter) -> bool:
        """Say something under what another opened in the forum, if there is such a topic."""
        topics = [each for each in self._topics if each.author is not life.voice("forum")]
        if topics:
            topic = self.dice.pick(topics)
            body = self._small_talk(about)
            word = self.record.reply(life.voice("forum"), at, body, "chatter", topic)
            if self.dice.chance(0.5):
                later = word.sent + self.dice.around(3 * HOUR, 1.0)
                self.record.reply(topic.author, later, self._small_talk(about), "chatter", word)
        return bool(topics)

    def _small_talk(self, about: Matter) -> str:
        return about.say(self.dice, TONGUES[about.language].chats)

    def _chat_along(
        self, life: Life, friend: Life, about: Matter, word: Message, pace: float
    ) -> None:
        _befriend(life, friend)
        for turn in range(self.dice.whole(1, 6)):
            voice = (friend, life)[turn % 2].voice(word.channel)
            at = word.sent + self.dice.around(pace, 0.8)
            word = self.record.reply(voice, at, self._small_talk(about), "chatter", word)

    # How a word to us is answered, or not.

    def _await_answer(
        self, life: Life, about: Matter, word: Message, mix: Mix, depth: int = 0
    ) -> str:
        if word.sent >= self.settings.end:
            return "none"
        if self.storm[0] <= word.sent < self.storm[1]:
            mix = STORMED
        self._peers_help(life, about, word)
        fate = self.dice.weighted(mix)
        if fate == "bot_only" or self.dice.chance(0.1):
            self._answer_by_itself(about, word)
        if fate not in ("none", "bot_only"):
            answer = self._answer(life, about, word, fate)
            self._respond(life, about, answer, word.author, depth)
        return fate

    def _answer_by_itself(self, about: Matter, word: Message) -> None:
        """Our bot answers within seconds; some people tell it that it did not help."""
        tongue = TONGUES[about.language]
        body = about.say(self.dice, tongue.automatic, word.author.first_name)
        at = word.sent + self.dice.between(2, 9)
        automatic = self.record.reply(
            self.cast.helper, at, body, "automatic", word, client="acme-helper"
        )
        if self.dice.chance(0.08):
            later = automatic.sent + self.dice.between(MINUTE, 20 * MINUTE)
            body = about.say(self.dice, tongue.follow_ups)
            self.record.reply(word.author, later, body, "follow_up", automatic)

    def _answer(self, life: Life, about: Matter, word: Message, fate: str) -> Message:
        name, template = word.author.first_name, None
        if fate == "canned":
            template, body = words.canned(self.dice, about, name)
        else:
            body = words.answer(self.dice, about, name, is_late=fate == "late")
        at = self._answer_moment(word, fate)
        client = "deskmacro" if template and self.dice.chance(0.7) else "web"
        colleague = self._who_answers(life, word.sent)
        answer = self.record.reply(
            colleague, at, body, fate, word, template=template, client=client
        )
        if not template and self.dice.chance(0.05):
            later = answer.sent + self.dice.between(MINUTE, 30 * MINUTE)
            body = about.say(self.dice, TONGUES[about.language].steps)
            self.record.reply(colleague, later, body, "addition", answer, mentions=answer.mentions)
        return answer

    def _answer_moment(self, word: Message, fate: str) -> float:
        if fate == "late":
            later = word.sent + self.dice.between(3, 12) * DAY
            return self.calendar.open_after(later, self.dice.between(0, 3 * HOUR))
        if self.dice.chance(0.08):  # somebody answers at once, at whatever hour
            return word.sent + self.dice.between(2 * MINUTE, 90 * MINUTE)
        median = 20 * MINUTE if word.channel == "chat" else 90 * MINUTE
        return self.calendar.open_after(word.sent, self.dice.around(median, 1.1))

    def _respond(
        self, life: Life, about: Matter, answer: Message, voice: Account, depth: int
    ) -> None:
        """The person thanks, asks on, or leaves it there."""
        content, curious = (0.15, 0.28) if answer.template else (0.36, 0.2)
        draw = self.dice.between(0, 1)
        pace = 5 * MINUTE if answer.channel == "chat" else 2 * HOUR
        at = answer.sent + self.dice.around(pace, 1.0)
        if draw < content:
            self._thank(voice, at, about, answer)
        elif draw < content + curious and depth < 3:
            body = about.say(self.dice, TONGUES[about.language].follow_ups)
            word = self.record.reply(voice, at, body, "follow_up", answer)
            self._await_answer(life, about, word, ASKED, depth + 1)

    def _thank(self, voice: Account, at: float, about: Matter, word: Message) -> None:
        """Nothing but thanks for `word`; now and then it is answered."""
        body = words.thanks(self.dice, about.language, word.author.first_name)
        thanks = self.record.reply(voice, at, body, "thanks", word)
        if self.dice.chance(0.1):
            at = self.calendar.open_after(thanks.sent, self.dice.around(HOUR, 1.0))
            body = about.say(self.dice, TONGUES[about.language].welcomes, voice.first_name)
            self.record.reply(word.author, at, body, "welcome", thanks)

    def _peers_help(self, life: Life, about: Matter, word: Message) -> None:
        for _ in range(self.dice.weighted(((0, 62), (1, 26), (2, 12)))):
            peer = self._friend_of(life)
            if peer:
                self._peer_helps(life, peer, about, word)

    def _peer_helps(self, life: Life, peer: Life, about: Matter, word: Message) -> None:
        pace = 12 * MINUTE if word.channel == "chat" else 3 * HOUR
        at = word.sent + self.dice.around(pace, 1.0)
        body = words.peer_advice(self.dice, about, word.author.first_name)
        calls: dict[str, Any] = {}
        if word.channel != "chat" and about.language == "en" and self.dice.chance(0.04):
            colleague = self._whom_to_ask(life, word.sent)
            body += " " + words.CALL_FOR_HELP.format(a=colleague.handle)
            calls = {"mentions": (colleague,), "names_handles": True}
        advice = self.record.reply(peer.voice(word.channel), at, body, "peer", word, **calls)
        _befriend(life, peer)
        if self.dice.chance(0.3):
            later = advice.sent + self.dice.around(pace / 3, 1.0)
            body = words.thanks(self.dice, about.language, None)
            self.record.reply(word.author, later, body, "peer_thanks", advice)

    # What we and the bots begin.

    def _post(self, at: float) -> None:
        about = words.matter(self.dice, "en")
        colleagues = self.cast.on_duty(at)
        author = self.cast.brand if self.dice.chance(0.8) else self.dice.pick(colleagues)
        client = "postplanner" if author is self.cast.brand and self.dice.chance(0.6) else "web"
        body = about.say(self.dice, words.BRAND_POSTS)
        post = self.record.say(author, at, body, "broadcast", channel="social", client=client)
        _remember(self._posts, post, 8)
        for _ in range(self.dice.whole(0, self.settings.people // 150)):
            seen = post.sent + self.dice.around(4 * HOUR, 1.2)
            self._plan(self._awake_after(seen, post.sent), self._drop_by, post)

    def _check_in(self, at: float) -> None:
        """A colleague asks how somebody is doing, unasked."""
        english = [each for each in self._present if each.account.language == "en"]
        if not english:
            return
        life, about = self.dice.pick(english), words.matter(self.dice, "en")
        voice = life.voice("social")
        body = about.say(self.dice, words.CHECK_INS, voice.first_name)
        author = self._who_answers(life, at)
        word = self.record.say(author, at, body, "check_in", channel="social", mentions=(voice,))
        if self.dice.chance(0.6):
            later = word.sent + self.dice.around(5 * HOUR, 1.0)
            body = about.say(self.dice, words.CHECK_IN_REPLIES)
            back = self.record.reply(voice, later, body, "check_in_reply", word)
            self._await_answer(life, about, back, REMARKED, 1)

    def _introduce(self, at: float) -> None:
        """A colleague makes two people known to each other; often they begin to talk."""
        english = [
            life for life in self._present if life.account.language == "en" and not life.second
        ]
        if len(english) < 2:
            return
        one = self.dice.pick(english)
        friends = [each for each in english if each in one.friends]
        strangers = [each for each in english if each is not one and each not in friends]
        pool = friends if friends and self.dice.chance(0.1) else strangers
        if not pool:
            return
        other, about = self.dice.pick(pool), words.matter(self.dice, "en")
        a, b = one.voice("social"), other.voice("social")
        body = self.dice.pick(words.INTRODUCTIONS).format(a=a.handle, b=b.handle, thing=about.thing)
        word = self.record.say(
            self._who_answers(one, at),
            *(at, body, "introduction"),
            channel="social",
            mentions=(a, b),
            names_handles=True,
        )
        self.introductions.append(Introduction(word, a, b))
        if self.dice.chance(0.55):
            self._get_to_know(one, other, about, word)

    def _get_to_know(self, one: Life, other: Life, about: Matter, word: Message) -> None:
        a, b = one.voice("social"), other.voice("social")
        at = word.sent + self.dice.around(8 * HOUR, 1.2)
        body = about.say(self.dice, words.INTRODUCED)
        hello = self.record.reply(a, at, body, "introduced", word, mentions=(b,))
        at = hello.sent + self.dice.around(8 * HOUR, 1.2)
        body = about.say(self.dice, words.INTRODUCED_BACK)
        back = self.record.reply(b, at, body, "introduced", hello)
        self._chat_along(one, other, about, back, 2 * HOUR)

    def _bot_speaks(self, at: float) -> None:
        bot, about = self.dice.pick(self.cast.foreign_bots), words.matter(self.dice, "en")
        if self._topics and self.dice.chance(0.4):
            body = about.say(self.dice, words.BOT_REPLIES)
            self.record.reply(bot, at, body, "foreign_bot", self.dice.pick(self._topics))
        else:
            body = about.say(self.dice, words.BOT_POSTS)
            self.record.say(bot, at, body, "foreign_bot", channel="social")

    # Who turns to whom.

    def _whom_to_ask(self, life: Life, at: float) -> Account:
        knows = life.colleague in self.cast.on_duty(at) and self.dice.chance(0.2)
        return life.colleague if knows else self.cast.brand

    def _who_answers(self, life: Life, at: float) -> Account:
        on_duty = self.cast.on_duty(at)
        if life.colleague in on_duty and self.dice.chance(0.6):
            return life.colleague
        return self.cast.brand if self.dice.chance(0.25) else self.dice.pick(on_duty)

    def _friend_of(self, life: Life) -> Life | None:
        friends = [each for each in life.friends if each.is_present]
        if friends and self.dice.chance(0.6):
            return self.dice.pick(friends)
        others = [self.dice.pick(self._present) for _ in range(4) if self._present]
        return next((each for each in others if each is not life), None)


def _remember(lately: list[Message], message: Message, count: int = 40) -> None:
    lately.append(message)
    del lately[:-count]


def _befriend(one: Life, other: Life) -> None:
    if other not in one.friends:
        one.friends.append(other)
        other.friends.append(one)
