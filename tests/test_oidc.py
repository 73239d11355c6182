"""Sign-in against a real provider on this machine: the right way in, every wrong one, and the way out."""

import re
import string
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from pages.ui import owner, people
from tests.browser import settle
from tests.oidc import begin, led, signing_in, through

SESSION, TOKENS = "_streamlit_session", "_streamlit_user_tokens"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with signing_in(tmp_path_factory.mktemp("oidc")) as served:
        yield served


@pytest.fixture
def client(site):
    for name in ("nonce", "key", "expired", "away", "refuse"):
        setattr(site.provider.wrong, name, False)
    with httpx.Client(follow_redirects=False, trust_env=False, timeout=60) as made:
        yield made


@pytest.fixture
def opened(browser, site):
    """A page of a browser of its own; no request leaves the app and its provider."""
    contexts, outside = [], []
    served = (site.url, site.url.replace("127.0.0.1", "localhost"))
    mine = (*served, *(url.replace("http", "ws", 1) for url in served), site.provider.address, "data:", "blob:")

    def open_page(path="/", **options):
        context = browser.new_context(viewport={"width": 1280, "height": 800}, **options)
        contexts.append(context)
        context.on("request", lambda asked: None if asked.url.startswith(mine) else outside.append(asked.url))
        page = context.new_page()
        page.goto(site.url + path)
        settle(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not outside


def cookies(answer):
    """Set-Cookie headers by name."""
    return {one.partition("=")[0]: one for one in answer.headers.get_list("set-cookie")}


def test_the_request_to_the_provider_is_guarded(site, client):
    sent = begin(site, client)
    asked = dict(parse_qsl(urlsplit(sent.headers["location"]).query))
    assert sent.headers["location"].startswith(f"{site.provider.address}/authorize?")
    assert asked["redirect_uri"] == f"{site.url}/oauth2callback"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 16


def test_cookies_of_a_sign_in_are_out_of_reach(site, client):
    answer = through(site, client, "ann")
    assert led(answer) == ("/", {})
    for name in (people.COOKIE, TOKENS):
        parts = {part.strip().lower() for part in cookies(answer)[name].split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/"} <= parts
        assert "secure" not in parts  # over http, on this machine alone
    assert {"httponly", "samesite=lax"} <= {p.strip().lower() for p in cookies(begin(site, client))[SESSION].split(";")}


@pytest.mark.parametrize("wrong", ["nonce", "key", "expired", "refuse"])
def test_a_provider_that_misbehaves_signs_nobody_in(site, client, wrong):
    setattr(site.provider.wrong, wrong, True)
    answer = through(site, client, "ada")
    assert led(answer) == ("/", {"sign_in": "refused"})
    assert not client.cookies.get(people.COOKIE)


def test_a_provider_that_is_away_is_said(site, client):
    site.provider.wrong.away = True
    answer = begin(site, client)
    assert (answer.status_code, led(answer)) == (303, ("/", {"sign_in": "away"}))


def test_a_way_back_serves_once_and_in_its_own_browser(site, client):
    with httpx.Client(trust_env=False) as thief:
        form = client.get(begin(site, client).headers["location"])
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form.text.partition("<button")[0]))
        back = client.post(f"{site.provider.address}/choose", data={**fields, "sub": "ann"}).headers["location"]
        assert led(thief.get(back)) == ("/", {"sign_in": "stale"})
        assert not thief.cookies.get(people.COOKIE)
    assert client.get(back).headers["location"] == "/"
    assert not cookies(client.get(back)).get(people.COOKIE, f"{people.COOKIE}=x").startswith(f"{people.COOKIE}=e")


@pytest.mark.parametrize(
    ("came", "to"),
    [
        ("{url}/present?board=abc&lang=zh", "/present?board=abc&lang=zh"),
        ("{url}/share?sign_in=refused", "/share"),
        ("https://evil.example/share", "/"),
        ("{url}//evil.example/", "/"),
        ("{url}/\\evil.example", "/"),
        ("{url}/" + "x" * 3000, "/"),
    ],
)
def test_after_the_sign_in_the_reader_is_where_he_was_going_and_nowhere_else(site, client, came, to):
    answer = through(site, client, "ann", referer=came.format(url=site.url))
    assert answer.headers["location"] == to


@pytest.mark.parametrize(
    "way", ["https://evil.example", "//evil.example", "/\\evil.example", "/a\\015\\012x:y", "evil"]
)
def test_a_cookie_that_was_planted_leads_nowhere_else(site, client, way):
    sent = begin(site, client)
    form = client.get(sent.headers["location"])
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form.text.partition("<button")[0]))
    back = client.post(f"{site.provider.address}/choose", data={**fields, "sub": "ann"}).headers["location"]
    bare = "; ".join(f"{name}={value}" for name, value in client.cookies.items() if name != "posthouse_way")
    with httpx.Client(trust_env=False) as other:
        answer = other.get(back, headers={"cookie": f'{bare}; posthouse_way="{way}"'})
    assert answer.headers["location"].startswith("/")
    assert not answer.headers["location"].startswith(("//", "/\\"))


@pytest.mark.parametrize(
    "asked", ["?provider=x", "?next=https://evil.example", "?redirect_uri=https://evil.example", ""]
)
def test_no_entry_of_an_address_leads_elsewhere(site, client, asked):
    for path in ("/auth/login", "/oauth2callback"):
        assert client.get(f"{site.url}{path}{asked}").headers["location"] == "/"


def test_signing_out_clears_and_takes_the_cookie_back(site, client):
    through(site, client, "ann")
    signed = client.cookies[people.COOKIE]
    upload = f"{site.url}/_stcore/upload_file/nobody/x"
    with httpx.Client(trust_env=False, headers={"cookie": f"{people.COOKIE}={signed}"}) as copy:
        assert copy.put(upload).status_code != 404
        out = client.get(f"{site.url}/auth/logout")
        assert out.headers["location"].startswith(f"{site.provider.address}/end?")
        assert {people.COOKIE, TOKENS} <= set(cookies(out))
        assert not client.cookies.get(people.COOKIE)
        assert copy.put(upload).status_code == 404
    back = client.get(out.headers["location"]).headers["location"]
    assert client.get(back).headers["location"] == "/"


def test_a_copy_that_is_written_otherwise_is_signed_out_too_and_strangers_end_nothing(site, client):
    through(site, client, "ann")
    signed = client.cookies[people.COOKIE]
    letters = string.ascii_letters + string.digits + "-_"
    upload = f"{site.url}/_stcore/upload_file/nobody/x"
    with httpx.Client(trust_env=False) as copy:
        told = {one: copy.put(upload, headers={"cookie": f"{people.COOKIE}={signed[:-1]}{one}"}) for one in letters}
        same = [one for one, answer in told.items() if answer.status_code != 404]
        assert len(same) > 1, "base64 has two ways to write the last letter of a signature"
        copy.get(f"{site.url}/auth/logout", headers={"cookie": f"{people.COOKIE}=x"})
        assert copy.put(upload, headers={"cookie": f"{people.COOKIE}={signed}"}).status_code != 404
        client.get(f"{site.url}/auth/logout")
        for one in same:
            assert copy.put(upload, headers={"cookie": f"{people.COOKIE}={signed[:-1]}{one}"}).status_code == 404
    through(site, client, "ann")
    with httpx.Client(trust_env=False, headers={"cookie": f"{people.COOKIE}={client.cookies[people.COOKIE]}"}) as copy:
        assert copy.put(upload).status_code != 404


def test_a_cookie_that_was_made_up_is_nobody_s(site, client):
    for signed in ("x", "e30.x.y", '"{}"'):
        answer = client.put(f"{site.url}/_stcore/upload_file/nobody/x", headers={"cookie": f"{people.COOKIE}={signed}"})
        assert answer.status_code == 404


def sign_in(page, who):
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/authorize" in url)
    page.get_by_role("button", name=who, exact=True).click()
    page.wait_for_url(lambda url: "/choose" not in url and "oauth2callback" not in url)
    settle(page)


@pytest.mark.browser
def test_nothing_is_seen_before_the_door_is_passed(opened, site):
    page = opened("/share?lang=zh", color_scheme="dark")
    expect(page.get_by_role("button", name="登录", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Posthouse")
    assert page.get_by_test_id("stPlotlyChart").count() == 0
    assert page.get_by_test_id("stTopNavLink").count() == 0


@pytest.mark.browser
def test_each_role_sees_what_it_may(opened, site):
    page = opened("/data?tab=activity")
    sign_in(page, "vera")
    assert urlsplit(page.url).path == "/data"
    expect(page.get_by_role("button", name="Vera Viewer")).to_be_visible()
    expect(page.get_by_text("Nothing was written yet")).to_be_visible()
    assert page.get_by_role("button", name=re.compile("^Pin")).count() == 0
    page.goto(f"{site.url}/data")
    settle(page)
    expect(page.get_by_text("uploading data takes the role of analyst")).to_be_visible()
    page.get_by_role("button", name="Vera Viewer").click()
    expect(page.get_by_text("reads what is shared, moves levers, exports")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    kept = {one["name"] for one in page.context.cookies()}
    assert not kept & {people.COOKIE, TOKENS, "posthouse_way"}
    assert owner.COOKIE in kept


@pytest.mark.browser
@pytest.mark.parametrize("who", ["una", "max"])
def test_whoever_no_rule_lets_in_reads_why(opened, site, who):
    page = opened()
    sign_in(page, who)
    words = "has not confirmed your e-mail address" if who == "una" else "no rule of this server lets it in"
    expect(page.get_by_text(words)).to_be_visible()
    expect(page.get_by_role("button", name="Sign in as somebody else")).to_be_visible()
    assert page.get_by_test_id("stPlotlyChart").count() == 0


@pytest.mark.browser
def test_an_analyst_pins_and_an_administrator_sees_it(opened, site):
    page = opened("/record")
    sign_in(page, "ann")
    page.get_by_role("button", name=re.compile("^Pin")).first.click()
    expect(page.get_by_test_id("stToast").first).to_be_visible()
    other = opened("/data?tab=activity")
    sign_in(other, "ada")
    expect(other.get_by_text(re.compile("writes, of everyone"))).to_be_visible()
    expect(other.get_by_text("Take back or delete")).to_be_visible()


@pytest.mark.browser
def test_what_went_wrong_is_said_at_the_door(opened, site):
    page = opened("/?sign_in=away")
    expect(page.get_by_text("The sign-in service cannot be reached")).to_be_visible()
    page.goto(f"{site.url}/?sign_in=<b>x</b>")
    settle(page)
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    page.goto(f"{site.url.replace('127.0.0.1', 'localhost')}/")
    expect(page.get_by_text(f"This server signs people in at {site.url}")).to_be_visible()
