"""A small OpenID provider on this machine: discovery, code flow with PKCE and nonce, keys, user info, end of session.

It checks what a provider has to check, and misbehaves where a test asks it to.
"""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.browser import free_port

CLIENT, SECRET = "posthouse", "a secret between two"
MINUTE = 60


@dataclass(slots=True)
class Switches:
    """What the provider does wrong.

    Attributes
    ----------
    nonce, key, expired, away : bool
        Another nonce in the token, a signature of another key, a token of yesterday, no answer but 503.
    refuse : bool
        The reader is not let through.
    """

    nonce: bool = False
    key: bool = False
    expired: bool = False
    away: bool = False
    refuse: bool = False


@dataclass(slots=True, eq=False)
class Provider:
    """The provider, its people by subject, and what it was asked for.

    Attributes
    ----------
    address : str
        Issuer.
    back : str
        The one address to which it sends back.
    people : dict
        Claims by subject.
    """

    address: str
    back: str
    people: dict[str, dict[str, Any]]
    wrong: Switches = field(default_factory=Switches)
    asked: list[str] = field(default_factory=list)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    strange: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def app(self) -> Starlette:
        """The routes."""
        routes = [
            Route("/.well-known/openid-configuration", self.discovery),
            Route("/authorize", self.authorize),
            Route("/choose", self.choose, methods=["POST"]),
            Route("/token", self.token, methods=["POST"]),
            Route("/jwks", self.jwks),
            Route("/userinfo", self.userinfo),
            Route("/end", self.end),
        ]
        return Starlette(routes=routes)

    async def discovery(self, request: Request) -> Response:
        self.asked.append("discovery")
        if self.wrong.away:
            return Response(status_code=503)
        return JSONResponse(
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/jwks",
                "userinfo_endpoint": f"{self.address}/userinfo",
                "end_session_endpoint": f"{self.address}/end",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            }
        )

    async def authorize(self, request: Request) -> Response:
        """Ask who it is; what was asked wrongly is refused here, and never sent back (RFC 6749, 4.1.2.1)."""
        asked = dict(request.query_params)
        self.asked.append("authorize")
        right = {
            "client_id": CLIENT,
            "redirect_uri": self.back,
            "response_type": "code",
            "code_challenge_method": "S256",
        }
        wrong = [name for name, value in right.items() if asked.get(name) != value]
        wrong += [name for name in ("state", "nonce", "code_challenge") if not asked.get(name)]
        if wrong or "openid" not in asked.get("scope", "").split():
            return Response(f"wrong: {wrong}", status_code=400)
        if self.wrong.refuse:
            return self._back(asked, error="access_denied", error_description="no\r\nway")
        kept = "".join(
            f'<input type="hidden" name="{k}" value="{asked[k]}">' for k in ("state", "nonce", "code_challenge")
        )
        buttons = "".join(f'<button name="sub" value="{sub}">{sub}</button>' for sub in self.people)
        return HTMLResponse(f'<title>Who are you?</title><form method="post" action="/choose">{kept}{buttons}</form>')

    async def choose(self, request: Request) -> Response:
        form = {key: str(value) for key, value in (await request.form()).items()}
        code = secrets.token_urlsafe(16)
        self.codes[code] = form
        return self._back(form, code=code)

    def _back(self, asked: dict[str, str], **said: str) -> Response:
        return RedirectResponse(f"{self.back}?{urlencode({'state': asked['state'], **said})}", 303)

    async def token(self, request: Request) -> Response:
        """Change a code, once, for tokens: for the client that has its secret, and for whoever has the verifier."""
        self.asked.append("token")
        form = {key: str(value) for key, value in (await request.form()).items()}
        asked = self.codes.pop(form.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".replace(" ", "+").encode()).decode()
        given = request.headers.get("authorization", "").removeprefix("Basic ")
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if given not in (basic, plain) and form.get("client_secret") != SECRET:
            return JSONResponse({"error": "invalid_client"}, 401)
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        if asked is None or form.get("redirect_uri") != self.back or asked["code_challenge"] != challenge:
            return JSONResponse({"error": "invalid_grant"}, 400)
        access = secrets.token_urlsafe(16)
        self.tokens[access] = asked["sub"]
        return JSONResponse(
            {
                "access_token": access,
                "token_type": "Bearer",
                "expires_in": 5 * MINUTE,
                "id_token": self.id_token(asked["sub"], asked["nonce"], access),
            },
            headers={"Cache-Control": "no-store"},
        )

    def id_token(self, subject: str, nonce: str, access: str) -> str:
        """What the provider says of a person, signed."""
        now = int(time.time()) - (24 * 60 * MINUTE if self.wrong.expired else 0)
        half = hashlib.sha256(access.encode()).digest()[:16]
        claims = {
            "iss": self.address,
            "sub": subject,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 5 * MINUTE,
            "nonce": "another" if self.wrong.nonce else nonce,
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            **self.people[subject],
        }
        key = self.strange if self.wrong.key else self.key
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)

    async def jwks(self, request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def userinfo(self, request: Request) -> Response:
        subject = self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if subject is None:
            return Response(status_code=401)
        return JSONResponse({"sub": subject, **self.people[subject]})

    async def end(self, request: Request) -> Response:
        """Sign out here too, and lead back where that is allowed."""
        self.asked.append("end")
        asked = dict(request.query_params)
        try:
            jwt.decode(asked.get("id_token_hint", ""), self.key, algorithms=["RS256"])
        except (JoseError, ValueError):
            return Response(status_code=400)
        allowed = asked.get("post_logout_redirect_uri") == self.back
        return RedirectResponse(self.back, 303) if allowed else HTMLResponse("Signed out.")


@contextmanager
def provided(back: str, people: dict[str, dict[str, Any]]) -> Iterator[Provider]:
    """Run a provider that sends back to one address, in a thread of this process."""
    port = free_port()
    made = Provider(f"http://127.0.0.1:{port}", back, people)
    server = uvicorn.Server(uvicorn.Config(made.app(), host="127.0.0.1", port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    assert server.started
    try:
        yield made
    finally:
        server.should_exit = True
        thread.join(60)
