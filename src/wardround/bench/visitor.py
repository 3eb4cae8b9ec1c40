"""Somebody who asks a running site over real HTTP: one kept connection, cookies, the login form."""

import html
import http.client
import re
from collections.abc import Mapping
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from wardround.bench.running import NotMeasured

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Visitor:
    """A browser without a screen."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}
        self._csrf = ""

    def get(self, path: str) -> bytes:
        """The page. Raises NotMeasured where it is not answered with 200."""
        return self._asked("GET", path)

    def post(self, path: str, fields: Mapping[str, str], *, part: str = "") -> bytes:
        """The answer to a form of the page that was read last; of htmx, the part of the page that it replaces."""
        body = urlencode({**fields, "csrfmiddlewaretoken": self._csrf}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if part:
            headers |= {"HX-Request": "true", "HX-Target": part}
        return self._asked("POST", path, body=body, headers=headers)

    def post_json(self, path: str, body: bytes, *, bearer: str) -> bytes:
        """The answer to a call of another program."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {bearer}"}
        return self._asked("POST", path, body=body, headers=headers)

    def log_in(self, username: str, password: str) -> None:
        """As a person does, by the form."""
        self.get("/login/")
        self.post("/login/", {"username": username, "password": password})

    def _asked(self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        self._connection.request(method, path, body=body, headers={"Cookie": cookies, **(headers or {})})
        response = self._connection.getresponse()
        answer = response.read()
        for line in response.headers.get_all("Set-Cookie") or ():
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        is_login = path == "/login/" and response.status == http.client.FOUND
        if response.status != http.client.OK and not is_login:
            raise NotMeasured(f"{method} {path.partition('?')[0]} was answered with {response.status}.")
        found = _TOKEN.search(answer.decode(errors="replace"))
        if found:
            self._csrf = html.unescape(found[1])
        return answer
