#!/usr/bin/env python3
"""Walks through the customer's documents by their own numbering: README.md.

    MENJIN=http://127.0.0.1:8401 TOKEN=… WECOM=http://127.0.0.1:8402 tests/seeds/run.py

Everything that is set up in this Menjin is removed first. SEEDS_SHOW=1 prints each call. Python 3 alone and curl are needed.
"""

import collections
import sys

sys.dont_write_bytecode = True

from calls import Failed

import seed_001, seed_002, seed_003, seed_004, seed_000  # noqa: E401 (in the order in which they are walked)
from steps import STEPS

assert all((seed_000, seed_001, seed_002, seed_003, seed_004))


def main():
    counts = collections.Counter()
    broken = set()
    for document, number, says, who, does in STEPS:
        counts["steps"] += who != "wecom"
        if document in broken and who in ("menjin", "wecom"):
            print(f"{document} {number}  {says}: not reached")
            counts["failed"] += who == "menjin"
            continue
        try:
            does()
            outcome = {"menjin": "done", "wecom": "done in WeCom"}.get(who, f"missing: {who}")
            counts["done" if who == "menjin" else "wecom" if who == "wecom" else "missing"] += 1
        except (Failed, KeyError, IndexError, StopIteration, TypeError) as error:
            outcome = f"FAILED: {error!r}"
            counts["failed"] += 1
            if who in ("menjin", "wecom"):
                broken.add(document)
        print(f"{document} {number}  {says}: {outcome}", flush=True)
    print(f"{counts['steps']} steps: {counts['done']} done, {counts['missing']} missing, {counts['failed']} failed")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
