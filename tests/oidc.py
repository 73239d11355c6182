"""The real app with sign-in, beside a provider of its own on this machine."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.browser import ROOT, free_port, interrupt, wait_for
from tests.oidc_provider import CLIENT, SECRET, Provider, provided

SIGNS = "a secret of thirty-two letters or more"
PEOPLE = {
    "vera": {"name": "Vera Viewer", "email": "vera@example.com", "email_verified": True},
    "ann": {"name": "Ann Analyst", "email": "Ann@Example.com", "email_verified": True},
    "bob": {"name": "Bob Analyst", "email": "bob@example.com", "email_verified": True},
    "ada": {"name": "Ada Admin", "email": "ada@example.com", "email_verified": True},
    "una": {"name": "Una Unverified", "email": "ada@example.com", "email_verified": False},
    "max": {"name": "Max Elsewhere", "email": "max@elsewhere.org", "email_verified": True},
    "gus": {"name": "Gus Group", "email": "gus@elsewhere.org", "email_verified": True, "groups": ["planners"]},
}
ROLES = {
    "*@example.com": "analyst",
    "vera@example.com": "viewer",
    "ada@example.com": "admin",
    "group:planners": "viewer",
}
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


@dataclass(frozen=True, slots=True)
class Site:
    """The app and its provider.

    Attributes
    ----------
    url : str
    provider : Provider
    workspace : Path
    """

    url: str
    provider: Provider
    workspace: Path


@contextmanager
def signing_in(folder: Path, *, roles: Mapping[str, str] | None = None) -> Iterator[Site]:
    """Serve the app with sign-in; its secrets, workspace and log are in `folder`."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with provided(f"{url}/oauth2callback", PEOPLE) as provider:
        said = secrets(url, provider.address, ROLES if roles is None else roles)
        home = folder / "home" / ".streamlit"
        home.mkdir(parents=True)
        (home / "secrets.toml").write_text(said, "utf-8")
        kept = {name: value for name, value in os.environ.items() if name.lower() not in PROXIES}
        environment = {**kept, "HOME": str(folder / "home"), "POSTHOUSE_WORKSPACE": str(folder / "workspace")}
        command = (sys.executable, "-m", "pages.ui.server", "--port", str(port))
        with (
            (folder / "log").open("w", encoding="utf-8") as log,
            subprocess.Popen(
                command, cwd=ROOT, text=True, stdout=log, stderr=log, start_new_session=True, env=environment
            ) as process,
        ):
            try:
                wait_for(url)
                yield Site(url, provider, folder / "workspace")
            finally:
                interrupt(process)


def secrets(url: str, provider: str, roles: Mapping[str, str]) -> str:
    """Contents of secrets.toml."""
    rules = "\n".join(f'"{key}" = "{value}"' for key, value in roles.items())
    return f"""
[auth]
redirect_uri = "{url}/oauth2callback"
cookie_secret = "{SIGNS}"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{provider}/.well-known/openid-configuration"

[posthouse.roles]
{rules}
"""


def begin(site: Site, client: httpx.Client, *, referer: str = "") -> httpx.Response:
    """Press the button, as Streamlit's page does."""
    token = jwt.encode(
        {"alg": "HS256"}, {"provider": "default", "exp": int(time.time()) + 60}, OctKey.import_key(SIGNS)
    )
    headers = {"referer": referer} if referer else {}
    return client.get(f"{site.url}/auth/login", params={"provider": token}, headers=headers)


def through(site: Site, client: httpx.Client, who: str, *, referer: str = "") -> httpx.Response:
    """Sign in over HTTP; the answer of the app to the way back."""
    sent = begin(site, client, referer=referer)
    if not sent.headers.get("location", "").startswith(site.provider.address):
        return sent
    form = client.get(sent.headers["location"])
    if form.is_redirect:
        return client.get(form.headers["location"])
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form.text.partition("<button")[0]))
    back = client.post(f"{site.provider.address}/choose", data={**fields, "sub": who})
    return client.get(back.headers["location"])


def led(answer: httpx.Response) -> tuple[str, dict[str, str]]:
    """Path and entries of the address to which an answer leads."""
    found = urlsplit(answer.headers["location"])
    assert not found.netloc, answer.headers["location"]
    return found.path, dict(parse_qsl(found.query))
