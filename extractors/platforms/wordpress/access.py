"""What an application password of WordPress is worth: whose it is, and what that user may do.

https://developer.wordpress.org/rest-api/reference/users/#retrieve-a-user-2.
"""

from __future__ import annotations

from extractors.platform import Access, Inspection
from extractors.platforms.wordpress.guests import MIN_SECRET, has_secret


def check(inspection: Inspection) -> Access:
    """Whose password it is and what that user may do; else whether comments are told at all."""
    api, guests_by = inspection.options.api, inspection.options.guests_by
    faults = []
    if guests_by != "name" and not has_secret():
        faults.append(f"guests_by = {guests_by!r} needs {MIN_SECRET} characters in RAPPORT_SECRET")
    if not inspection.has_token:
        asked = {"per_page": "1", "_fields": "id"}
        inspection.client.get(f"{api}/comments", asked, stream="credentials")
        if guests_by == "email":
            faults.append("guests_by = 'email' needs the application password of a moderator")
        whose = "comments are told"
        return Access(whose, allows=("what is public",), faults=tuple(faults))
    asked = {"context": "edit", "_fields": "id,slug,roles,capabilities"}
    mine = inspection.client.get(f"{api}/users/me", asked, stream="credentials").json()
    told = mine.get("capabilities")  # PHP writes an empty object as []
    able = {name for name, is_able in told.items() if is_able} if isinstance(told, dict) else set()
    lacks: dict[str, str] = {}
    if guests_by == "email" and "moderate_comments" not in able:
        lacks["comments"] = "moderate_comments, for guests' addresses"
    return Access(
        f"{mine['slug']}, number {mine['id']}",
        allows=tuple(sorted(mine.get("roles") or ())),
        lasts="until it is revoked",
        refused=lacks,
        faults=tuple(faults),
        notes=()
        if "list_users" in able
        else ("of users only those who have published something are told: list_users is lacking",),
    )
