"""Whether an API key of YouTube works: the channel is asked for, which costs one unit.

https://developers.google.com/youtube/v3/docs/channels/list.
"""

from __future__ import annotations

from extractors.platform import Access, Inspection


def check(inspection: Inspection) -> Access:
    """A key is nobody's and reads what is public; whose channel it finds."""
    asked = {"part": "snippet", "id": inspection.account.account}
    answer = inspection.client.get("channels", asked, stream="credentials")
    found = answer.json().get("items") or []
    title = found[0]["snippet"]["title"] if found else ""
    return Access(
        f"a project's key; it finds the channel {title!r}" if found else "a project's key",
        allows=("what is public",),
        lasts="until it is deleted",
        faults=() if found else ("there is no such channel: account is its id, which begins UC",),
        notes=(f"asking this cost one unit; a day may cost {inspection.options.budget}",),
    )
