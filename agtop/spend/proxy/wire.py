"""Asks the proxy, both questions at once; every answer within three seconds and eight megabytes.

The key goes to the server that is named and to no other. No word of an answer that failed is
told: proxies repeat the key in them.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from urllib.parse import urlsplit

import httpx
import msgspec

from agtop import __version__
from agtop.spend.proxy import reading
from agtop.spend.proxy.bill import ACTIVITY, LOGS, Answer, Bill, next_day
from agtop.spend.proxy.door import Door

WITHIN = 3.0
"""Seconds for one answer, from asking to its last byte."""
MOST_BYTES = 8 << 20
MOST_PAGES = 100
PAGE_SIZE = 1000
"""Rows, the most a page may hold; a day with many keys and models has hundreds of them."""
_HOPS = 3

Heard = Callable[[str], object]
"""Told how far it is."""

_STATUS = {
    400: "it cannot tell (400): the proxy keeps what was spent only where it has a database",
    401: "it does not know the key (401); check LITELLM_API_KEY",
    403: "the key may not read it (403); use one that may",
    404: "it has no such page (404); check LITELLM_BASE_URL, or use a newer LiteLLM",
    407: "a proxy on the way wants a password (407); check HTTPS_PROXY",
    429: "it is asked too often (429); try again in a minute",
}


for _name in ("httpx", "httpcore"):  # they log addresses and what servers send with an answer
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


class AnswerError(Exception):
    """An answer did not come, or is none; its text says why, without a word of the answer."""


async def bill(door: Door, first: date, last: date, heard: Heard, within: float = WITHIN) -> Bill:
    """What the proxy booked from one of its days to another; what did not come is a gap."""
    async with _client(door, within) as client:
        line = _Line(door, client, within)
        activity, logs = await asyncio.gather(
            _activity(line, first, last, heard), _logs(line, first, last)
        )
    return Bill(door.shown, first, last, activity, logs, door.is_clear)


@asynccontextmanager
async def _client(door: Door, within: float) -> AsyncGenerator[httpx.AsyncClient]:
    headers = {
        "Authorization": door.key.header(),
        "Accept": "application/json",
        "Accept-Encoding": "identity",  # a small answer must not unfold into a large one
        "User-Agent": f"agtop/{__version__}",
    }
    async with httpx.AsyncClient(
        headers=headers,
        timeout=within,
        follow_redirects=False,
        verify=await asyncio.to_thread(_trust, door.scheme),
        # Through HTTPS_PROXY the key goes encrypted; HTTP_PROXY would be another that reads it.
        trust_env=door.scheme == "https" and not door.is_here,
    ) as client:
        yield client


def _trust(scheme: str) -> ssl.SSLContext:
    """Whose certificates are taken: without TLS nobody's, which saves reading them."""
    if scheme == "https":
        return httpx.create_ssl_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


async def _activity(line: _Line, first: date, last: date, heard: Heard) -> Answer:
    pages: list[reading.Page] = []
    gaps: list[str] = []
    try:
        for number in range(1, MOST_PAGES + 1):
            heard(f"page {number}")
            read = partial(reading.activity, number=number)
            page = await line.ask(ACTIVITY, _page(first, last, number), read)
            pages.append(page)
            if not page.more:
                break
        else:
            gaps.append(f"there are more than {MOST_PAGES} pages; choose fewer days")
    except AnswerError as error:
        here = f"page {len(pages) + 1} and all after it are missing: " if pages else ""
        gaps.append(f"{here}{error}")
    return await asyncio.to_thread(_answer, ACTIVITY, pages, gaps, first, last, line.door)


def _page(first: date, last: date, number: int) -> dict[str, str]:
    return {
        "start_date": f"{first}",
        "end_date": f"{last}",
        "page": f"{number}",
        "page_size": f"{PAGE_SIZE}",
    }


async def _logs(line: _Line, first: date, last: date) -> Answer:
    # LiteLLM takes the end for the midnight with which that day begins: its day would be empty.
    days = {"start_date": f"{first}", "end_date": f"{next_day(last)}"}
    try:
        page = await line.ask(LOGS, days, reading.logs)
    except AnswerError as error:
        return Answer(LOGS, gaps=(str(error),), came=False)
    return await asyncio.to_thread(_answer, LOGS, [page], [], first, last, line.door)


def _answer(
    question: str, pages: list[reading.Page], gaps: list[str], first: date, last: date, door: Door
) -> Answer:
    if not pages:
        return Answer(question, gaps=tuple(gaps), came=False)
    if unread := sum(page.unread for page in pages):
        rows = "row" if unread == 1 else "rows"
        gaps = [*gaps, f"{unread:,} {rows} without a day or figures, left out"]
    rows = _within(pages, first, last)
    return reading.answer(question, rows, tuple(gaps), door.key.hidden_in)


def _within(pages: list[reading.Page], first: date, last: date) -> Iterator[reading.Row]:
    for page in pages:
        yield from (row for row in page.rows if first <= row.day <= last)


class _Line:
    """A connection on which questions are asked."""

    def __init__(self, door: Door, client: httpx.AsyncClient, within: float) -> None:
        self.door, self._client, self._within = door, client, within

    async def ask(
        self, question: str, query: dict[str, str], read: Callable[[object], reading.Page | None]
    ) -> reading.Page:
        """What `read` makes of the answer. Raises AnswerError."""
        try:
            async with asyncio.timeout(self._within):
                body = await self._body(f"{self.door.root}{question}", query)
        except (TimeoutError, httpx.TimeoutException):
            raise AnswerError(f"it did not answer within {self._within:g} s") from None
        except httpx.HTTPError as error:
            raise AnswerError(_why(error)) from None
        except (httpx.InvalidURL, UnicodeError):
            raise AnswerError("LITELLM_BASE_URL is no address that can be asked") from None
        try:
            page = await asyncio.to_thread(lambda: read(msgspec.json.decode(body)))
        except (msgspec.DecodeError, RecursionError):
            raise AnswerError("its answer is no JSON; is LiteLLM there at all?") from None
        if page is None:
            raise AnswerError("its answer has another shape than LiteLLM's")
        return page

    async def _body(self, url: str, query: dict[str, str] | None) -> bytes:
        for _ in range(_HOPS):
            async with self._client.stream("GET", url, params=query) as response:
                if response.has_redirect_location:
                    url, query = self._next(response), None
                    continue
                if response.status_code != 200:
                    raise AnswerError(_refusal(response.status_code))
                return await _all(response)
        raise AnswerError("it sends from one page to the next without end")

    def _next(self, response: httpx.Response) -> str:
        """Where it sends to, if that is the same server: another one never gets the key."""
        try:
            there = response.url.join(response.headers["location"])
        except httpx.InvalidURL:
            raise AnswerError("it sends to an address that is none") from None
        if self.door.leads_to(there.scheme, there.host, there.port):
            return str(there)
        host = self.door.key.hidden_in(there.host)[:80]
        raise AnswerError(
            f"it sends to {there.scheme}://{host}, which is not asked: the key is for "
            f"{urlsplit(self.door.shown).netloc} alone; set LITELLM_BASE_URL to it if it is right"
        )


async def _all(response: httpx.Response) -> bytes:
    if response.headers.get("content-encoding", "identity").casefold() != "identity":
        raise AnswerError("it answers compressed, which was not asked for")
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > MOST_BYTES:
            raise AnswerError(f"its answer is larger than {MOST_BYTES >> 20} MB; choose fewer days")
    return bytes(body)


def _refusal(status: int) -> str:
    if status in _STATUS:
        return _STATUS[status]
    if status >= 500:
        return f"the proxy itself failed ({status}); its own log says why"
    return f"it answers with {status}, which is no answer; check LITELLM_BASE_URL"


def _why(error: httpx.HTTPError) -> str:
    """In words of agtop's own: an error's may hold what was sent."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                "its certificate cannot be trusted; "
                "check the address, or name your own authority in SSL_CERT_FILE"
            )
        if isinstance(cause, ssl.SSLError):
            return "it speaks no TLS that is understood; is it http rather than https?"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectError):
        return "nobody answers there; start the proxy, or check LITELLM_BASE_URL"
    if isinstance(error, httpx.ProxyError):
        return "a proxy on the way does not let it through; check HTTPS_PROXY and NO_PROXY"
    return "it breaks off or speaks no HTTP; is LiteLLM there at all?"
