"""A portal written with Authlib: sign-in, userinfo, refresh, introspection, revocation, device flow, sign-out."""

import functools
import json
import os
import time
import urllib.parse
import urllib.request

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # plain HTTP on loopback

from authlib.common.errors import AuthlibBaseError  # noqa: E402
from authlib.common.security import generate_token  # noqa: E402
from authlib.integrations.requests_client import OAuth2Session  # noqa: E402
from authlib.oauth2.rfc6749.errors import MismatchingStateException  # noqa: E402
from joserfc import jwt  # noqa: E402
from joserfc.errors import InvalidClaimError  # noqa: E402
from joserfc.jwk import KeySet  # noqa: E402

from person import Page, Person  # noqa: E402
from registration import REDIRECT, register  # noqa: E402

ISSUER = os.environ["ISSUER"]
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def fetch(url):
    return json.load(urllib.request.urlopen(url))


def id_claims(metadata, client, token, nonce=None):
    """The claims of an ID token, checked as OpenID Connect Core 3.1.3.7 says."""
    keys = KeySet.import_key_set(fetch(metadata["jwks_uri"]))
    algorithms = metadata["id_token_signing_alg_values_supported"]
    claims = jwt.decode(token["id_token"], keys, algorithms=algorithms).claims
    rules = {"iss": {"essential": True, "value": ISSUER}, "aud": {"essential": True, "value": client["client_id"]}, "sub": {"essential": True}}
    if nonce:
        rules["nonce"] = {"essential": True, "value": nonce}
    jwt.JWTClaimsRegistry(leeway=5, **rules).validate(claims)
    return claims


def depart(session, metadata, person, **more):
    """Where the person came back to, and what the library is to hold against it."""
    verifier, nonce = generate_token(48), generate_token(16)
    url, state = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **more)
    back = person.open(url, REDIRECT)
    assert isinstance(back, str), f"no way back from {back.url}: {back.body}"
    return {"authorization_response": back, "code_verifier": verifier, "state": state}, nonce


def sign_in(session, metadata, person):
    checks, nonce = depart(session, metadata, person)
    return session.fetch_token(metadata["token_endpoint"], **checks), nonce


def refused(error, call):
    try:
        call()
    except error as found:
        return found
    raise AssertionError(f"accepted, though {error.__name__} was due")


def refuses_forgeries(session, metadata, client, person):
    """Another state is noticed before the code is spent, another verifier by Menjin; another nonce by the claims."""
    checks, nonce = depart(session, metadata, person, prompt="none")
    redeem = functools.partial(session.fetch_token, metadata["token_endpoint"])
    refused(MismatchingStateException, lambda: redeem(**{**checks, "state": "another"}))
    token = redeem(**checks)
    refused(InvalidClaimError, lambda: id_claims(metadata, client, token, "another"))
    id_claims(metadata, client, token, nonce)
    checks, _ = depart(session, metadata, person, prompt="none")
    found = refused(AuthlibBaseError, lambda: redeem(**{**checks, "code_verifier": generate_token(48)}))
    assert found.error == "invalid_grant", found


def device_flow(session, metadata, client, person):
    names = {"client_id": client["client_id"], "client_secret": client["client_secret"]}
    basic = session.token_endpoint_auth_method == "client_secret_basic"
    proof = {"auth": tuple(names.values())} if basic else {}
    form = {} if basic else names
    answer = session.post(metadata["device_authorization_endpoint"], data={"scope": "openid profile", **form}, withhold_token=True, **proof)
    device = answer.json()
    assert answer.status_code == 200, device
    ask = {"grant_type": DEVICE, "device_code": device["device_code"], **form}
    pending = session.post(metadata["token_endpoint"], data=ask, withhold_token=True, **proof)
    assert (pending.status_code, pending.json()["error"]) == (400, "authorization_pending"), pending.text
    page = person.open(device["verification_uri_complete"], REDIRECT)
    assert isinstance(page, Page) and page.forms, "no page to approve on"
    person.press(page, os.environ["ALLOW"], REDIRECT)
    time.sleep(device["interval"])
    return session.fetch_token(metadata["token_endpoint"], grant_type=DEVICE, device_code=device["device_code"])


def main(method):
    metadata = fetch(ISSUER + "/.well-known/openid-configuration")
    grants = ["authorization_code", "refresh_token", DEVICE]
    client = register(f"authlib-{method}", auth_method=method, metadata={"grant_types": grants})
    session = OAuth2Session(
        client["client_id"], client["client_secret"], token_endpoint_auth_method=method, revocation_endpoint_auth_method=method, scope="openid profile email offline_access",
        redirect_uri=REDIRECT, code_challenge_method="S256",
    )
    person = Person()
    token, nonce = sign_in(session, metadata, person)
    claims = id_claims(metadata, client, token, nonce)
    told = session.get(metadata["userinfo_endpoint"]).json()
    assert told["sub"] == claims["sub"] and told["name"], told
    renewed = session.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
    assert renewed["refresh_token"] != token["refresh_token"]
    assert id_claims(metadata, client, renewed)["sub"] == claims["sub"]
    known = session.introspect_token(metadata["introspection_endpoint"], token=renewed["access_token"], token_type_hint="access_token").json()
    assert known["active"] and known["sub"] == claims["sub"] and known["client_id"] == client["client_id"], known
    device = device_flow(session, metadata, client, person)
    assert id_claims(metadata, client, device)["sub"] == claims["sub"]
    revoked = session.revoke_token(metadata["revocation_endpoint"], token=device["access_token"])
    assert revoked.status_code == 200
    dead = session.introspect_token(metadata["introspection_endpoint"], token=device["access_token"]).json()
    assert dead == {"active": False}, dead
    refuses_forgeries(session, metadata, client, person)
    query = urllib.parse.urlencode({"id_token_hint": renewed["id_token"], "post_logout_redirect_uri": "http://127.0.0.1:9/bye", "state": "bye"})
    end = person.open(metadata["end_session_endpoint"] + "?" + query, "http://127.0.0.1:9/bye")
    assert end == "http://127.0.0.1:9/bye?state=bye", end
    after = session.introspect_token(metadata["introspection_endpoint"], token=renewed["access_token"]).json()
    assert after == {"active": False}, after
    checks, _ = depart(session, metadata, person, prompt="none")
    assert "error=login_required" in checks["authorization_response"], checks
    print(f"Authlib ({method}): sign-in, userinfo, refresh, introspection, device flow, revocation, sign-out")


if __name__ == "__main__":
    for method in ("client_secret_basic", "client_secret_post"):
        main(method)
