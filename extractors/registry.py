"""Every platform that can be read: one line each."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from pydantic import ValidationError
from requests.adapters import BaseAdapter

from extractors.client import Client, Credentials
from extractors.errors import BadCredentials
from extractors.platform import Options, Platform
from extractors.platforms.bluesky import BLUESKY
from extractors.platforms.conversations import CONVERSATIONS
from extractors.platforms.facebook import FACEBOOK
from extractors.platforms.instagram import INSTAGRAM
from extractors.platforms.mastodon import MASTODON
from extractors.platforms.sample import SAMPLE
from extractors.platforms.threads import THREADS
from extractors.platforms.wordpress import WORDPRESS
from extractors.platforms.x import X
from extractors.platforms.youtube import YOUTUBE
from extractors.tokens import Keep, Tokens, latest
from lake.organisation import AccountToRead, Organisation, OrganisationError

PLATFORMS: dict[str, Platform] = {
    platform.name: platform
    for platform in (
        BLUESKY,
        CONVERSATIONS,
        FACEBOOK,
        INSTAGRAM,
        MASTODON,
        SAMPLE,
        THREADS,
        WORDPRESS,
        X,
        YOUTUBE,
    )
}


def platform_of(account: AccountToRead) -> Platform:
    """The platform of an account to read; `OrganisationError` names those that exist."""
    try:
        return PLATFORMS[account.platform]
    except KeyError:
        known = ", ".join(sorted(PLATFORMS))
        raise OrganisationError(
            f"read: unknown platform {account.platform!r}; there are: {known}"
        ) from None


def options_of(account: AccountToRead) -> Options:
    """The account's options, validated; `OrganisationError` names the key and what is allowed."""
    model = platform_of(account).options
    try:
        return model.model_validate(dict(account.options))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in fault["loc"])
        allowed = ", ".join(sorted(model.model_fields)) or "none"
        raise OrganisationError(
            f"read: {account.platform} {account.account}: options.{key}: "
            f"{fault['msg'].removeprefix('Value error, ')}; allowed options: {allowed}"
        ) from None


def connection_id(account: AccountToRead) -> str:
    """The Airflow connection that holds the account's credentials."""
    return account.connection or re.sub(
        r"\W", "_", f"{account.platform}_{account.account}", flags=re.ASCII
    )


def open_client(
    account: AccountToRead,
    credentials: Credentials | None,
    *,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
    keep: Keep | None = None,
    patience: float = 900,
    spent: int = 0,
    adapter: BaseAdapter | None = None,
) -> Client:
    """A client for one account; `BadCredentials` names the connection to create or to correct.

    With `keep` a token that runs out is renewed first, where the platform's do.
    """
    platform, options = platform_of(account), options_of(account)
    _expect_secret(platform, account, credentials)
    tokens = None
    if platform.refresh and keep and credentials:
        connection, refresh = connection_id(account), platform.refresh
        tokens = Tokens(connection, credentials, refresh, options, keep=keep, now=now)
        credentials = latest(credentials, keep)
    client = Client(
        platform.name,
        account.account,
        base_url=platform.base_url(account, options, credentials) if platform.base_url else "",
        credentials=credentials,
        authenticate=platform.authenticate,
        sign_in=platform.sign_in,
        renew=tokens.renew if tokens else None,
        rate=platform.rate,
        judge=platform.judge,
        budget=platform.budget(options) if platform.budget else None,
        renewal=platform.renewal,
        spent=spent,
        now=now,
        sleep=sleep,
        patience=patience,
        adapter=adapter,
    )
    client.stay_signed_in()
    return client


def _expect_secret(
    platform: Platform, account: AccountToRead, credentials: Credentials | None
) -> None:
    secret = credentials.secret if credentials else ""
    if (platform.needs_credentials and not secret) or not (
        secret.isascii() and secret.isprintable()
    ):
        fault = "holds characters that no secret has" if secret else "is missing"
        raise BadCredentials(
            f"the Airflow connection {connection_id(account)!r} {fault}",
            platform=platform.name,
            account=account.account,
        )


def check(organisation: Organisation) -> None:
    """Raise `OrganisationError` unless every account to read names a platform and its options."""
    for account in organisation.read:
        options_of(account)
