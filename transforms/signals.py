"""What a message's words show, first form: counts, questions, thanks, greetings, names used."""

from __future__ import annotations

SIGNAL_VERSION = "1"

# A message is nothing but thanks if each of its few words is one of these, or a name of ours, and
# at least one is among the first.
THANKS = """
thanks thank thx ty cheers appreciated gracias danke dank merci obrigado obrigada grazie
bye goodbye adiós tschüss perfect perfecto perfekt great awesome wonderful brilliant lovely
genial super solved
"""
AROUND = """
a lot so much very again everyone everybody all you your for the help that it is was this quick
fast reply answer really many and oh ok okay yes now guys team me to of too works worked working
fine helped good have nice day evening weekend one see soon understood got
muchas muchísimas mil de nuevo por la ayuda respuesta rápida todo ya a ti
vielen schön dir euch ihnen für die das hilfe antwort sehr nochmal alles klar passt
"""
THANKS_AT_MOST = 8  # words
GREETINGS = """
hi hello hey dear greetings hola buenas buenos hallo moin servus guten bonjour salut ciao olá
"""

# Links and handles are not words; an apostrophe is part of one; question marks of several scripts.
_LINK_OR_HANDLE = r"(https?://|@)\S+"
_NOT_A_WORD = "[^\\p{L}\\p{N}''\u2019]+"
_QUESTION_MARK = "[?\uff1f\u061f]"

SIGNAL = f"""
with said as (
    select
        message_id,
        content_hash,
        lower(regexp_replace(coalesce(text, ''), '{_LINK_OR_HANDLE}', ' ', 'g')) as said
    from conversed
),
worded as (
    select
        *,
        list_filter(regexp_split_to_array(said, '{_NOT_A_WORD}'), lambda word: word <> '') as words
    from said
),
our_name as (
    select list(distinct lower(split_part(trim(display_name), ' ', 1))) as names
    from account
    where role like 'ours%' and display_name is not null
),
named as (
    select distinct message_id
    from spoken
    inner join worded using (message_id)
    inner join account on spoken.to_account_id = account.account_id
    where list_has_any(
        words,
        [lower(split_part(trim(account.display_name), ' ', 1)), lower(ltrim(account.handle, '@'))]
    )
)
select
    message_id,
    content_hash,
    '{SIGNAL_VERSION}' as signal_version,
    len(words) as word_count,
    regexp_matches(said, '{_QUESTION_MARK}') as is_question,
    case
        when is_question or len(words) not between 1 and {THANKS_AT_MOST} then false
        else list_has_any(words, {THANKS.split()})
            and list_has_all({(THANKS + AROUND).split()} || coalesce(names, []), words)
    end as is_thanks,
    len(words) > 0 and list_contains({GREETINGS.split()}, words[1]) as has_greeting,
    named.message_id is not null as names_addressee
from worded
cross join our_name
left join named using (message_id)
"""
