"""Runs schemathesis and the session with a generated client on both storage pairings; see ./run."""

import argparse
import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time

from admin import Admin
from seed import seed
from servers import pairing

# The pairings by name.
PAIRINGS = ("sqlite", "postgres")
# Operations of which nothing need be found.
MOST_MISSED = 3
# What comes to be where a company installs a suite in WeCom, which nobody does here: tests/it and tests/seeds do.
INSTALLED = ("/installations/{id}", "/invitations/{invitation}", "/moves/{move}")


def generated_client(base, folder):
    """Generates the client from the served document and says where it lies."""
    place = os.path.join(folder, "generated")
    command = ["openapi-python-client", "generate", "--url", base + "/api/v1/openapi.json", "--meta", "none"]
    command += ["--output-path", os.path.join(place, "menjin_client"), "--config", "generator.yaml", "--fail-on-warning"]
    os.mkdir(place)
    subprocess.run(command, check=True)
    return place


def session(base, token):
    with tempfile.TemporaryDirectory(prefix="menjin-client-") as folder:
        place = generated_client(base, folder)
        environment = {**os.environ, "PYTHONPATH": place, "ISSUER": base, "API_TOKEN": token}
        subprocess.run([sys.executable, "client.py"], check=True, env=environment)


def tried(base, wecom, token, folder, rest):
    """Runs schemathesis; anything it finds ends the run."""
    admin = Admin(base, token)
    seeded = seed(admin, base, token, wecom)
    own = admin.post("api-tokens", {"name": "contract", "role": "admin"})
    environment = {
        **os.environ,
        "API_TOKEN": own["token"],
        "SEEDED": json.dumps(seeded),
        "STATUSES": os.path.join(folder, "statuses.json"),
        "OWN_TOKEN_ID": own["id"],
        # Hypothesis writes what it knows of Unicode there, and nothing beside the sources.
        "HYPOTHESIS_STORAGE_DIRECTORY": os.path.join(folder, "hypothesis"),
    }
    # Server-sent events are no document; a scenario of its own reads them.
    command = ["schemathesis", "--config-file", "schemathesis.toml", "run", base + "/api/v1/openapi.json"]
    command += ["--exclude-path-regex", "/events$", *rest]
    done = subprocess.run(command, check=False, env=environment)
    assert done.returncode == 0, "schemathesis found something; see above"
    missed = unreached(environment["STATUSES"])
    # A part of the operations, or fewer examples of each, may well meet nothing.
    assert rest or len(missed) <= MOST_MISSED, f"nothing was found but 404: {missed}"


def unreached(place):
    """The operations that were answered nothing but 404, which tells nothing of them."""
    with open(place, encoding="utf-8") as file:
        statuses = json.load(file)
    missed = sorted(operation for operation, told in statuses.items() if set(told) <= {"404"})
    missed = [operation for operation in missed if not any(path in operation for path in INSTALLED)]
    print(f"{len(statuses) - len(missed)} of {len(statuses)} operations were tried on something that exists", flush=True)
    return missed


def on(name, only, rest):
    """Tries one pairing."""
    begun = time.monotonic()
    token = secrets.token_hex(32)
    # Each fills an installation of its own.
    if only != "schemathesis":
        with pairing(name, token) as (base, _, _):
            session(base, token)
    if only != "client":
        with pairing(name, token) as (base, wecom, folder):
            tried(base, wecom, token, folder, rest)
    print(f"contract on {name}: {time.monotonic() - begun:.0f} s", flush=True)


def on_all_at_once(arguments):
    """Tries every pairing in a process of its own, and tells what each printed one after the other."""
    with contextlib.ExitStack() as stack:
        runs = []
        for name in PAIRINGS:
            printed = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace"))
            command = [sys.executable, "main.py", "--pairing", name, *arguments]
            runs.append((printed, subprocess.Popen(command, stdout=printed, stderr=subprocess.STDOUT)))
        ends = []
        for printed, run in runs:
            ends.append(run.wait())
            printed.seek(0)
            shutil.copyfileobj(printed, sys.stdout)
    sys.exit(max(abs(end) for end in ends))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pairing", choices=PAIRINGS, action="append")
    arguments.add_argument("--only", choices=("client", "schemathesis"))
    known, rest = arguments.parse_known_args()
    if known.pairing is None:
        on_all_at_once(sys.argv[1:])
    for name in known.pairing:
        on(name, known.only, rest)


if __name__ == "__main__":
    main()
