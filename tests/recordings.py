"""Recorded answers of real platforms, and a `requests` adapter that gives them again.

Reads vcrpy's YAML (Mastodon.py, tweepy), that of R's vcr (rtoot, bskyr) and betamax' JSON (praw).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
import yaml
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

GZIP = b"\x1f\x8b"
ABOUT_TRANSPORT = {"content-encoding", "content-length", "transfer-encoding", "connection"}


@dataclass(frozen=True)
class Exchange:
    """One request and what was answered. `body` is as it went over the wire, gzipped or not."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def is_for(self, method: str, url: str, ignored: frozenset[str]) -> bool:
        return self.method == method and _address(self.url, ignored) == _address(url, ignored)


def load_recording(path: Path) -> list[Exchange]:
    """Every exchange of one recording, in order."""
    text = path.read_text(encoding="utf-8")
    is_json = path.suffix == ".json"
    content = json.loads(text) if is_json else yaml.load(text, Loader=yaml.CSafeLoader)
    return [_exchange(each) for each in content.get("interactions") or content["http_interactions"]]


class Replay(HTTPAdapter):
    """Answers every request with the next recorded answer to the same one, the last for ever.

    Parameters named in `ignored` (page sizes, say) may differ from the recorded request's.
    """

    def __init__(self, exchanges: list[Exchange], ignored: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.waiting, self.ignored = list(exchanges), frozenset(ignored)
        self.asked: list[str] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        method, url = str(request.method), str(request.url)
        self.asked.append(url)
        found = [each for each in self.waiting if each.is_for(method, url, self.ignored)]
        assert found, f"never recorded: {method} {urlsplit(url).path}"
        if len(found) > 1:
            self.waiting.remove(found[0])
        return self.build_response(request, _response(found[0]))


def _address(url: str, ignored: frozenset[str]) -> tuple[str, str, list[tuple[str, str]]]:
    parts = urlsplit(url)
    query = [pair for pair in parse_qsl(parts.query) if pair[0] not in ignored]
    return parts.netloc, parts.path, sorted(query)


def _exchange(recorded: dict[str, Any]) -> Exchange:
    request, response = recorded["request"], recorded["response"]
    body = _body(response["body"])
    headers = {
        name: value if isinstance(value, str) else ", ".join(map(str, value))
        for name, value in response["headers"].items()
        if body.startswith(GZIP) or name.lower() not in ABOUT_TRANSPORT
    }
    status = response["status"]
    if isinstance(status, dict):
        status = status.get("code") or status["status_code"]
    return Exchange(request["method"].upper(), request["uri"], int(status), headers, body)


def _body(recorded: dict[str, Any]) -> bytes:
    if "base64_string" in recorded:
        return base64.b64decode(recorded["base64_string"])
    text = recorded.get("string") or b""
    return text if isinstance(text, bytes) else text.encode("utf-8")


def _response(exchange: Exchange) -> HTTPResponse:
    return HTTPResponse(
        body=BytesIO(exchange.body),
        headers=dict(exchange.headers),
        status=exchange.status,
        preload_content=False,
    )
