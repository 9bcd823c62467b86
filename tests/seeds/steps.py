"""Steps as the documents number them, who does them, and the capabilities that are not there yet."""

import calls

STEPS = []

# A capability that a later version brings: words in paths of the API's description, and addresses, by which it would be noticed.
CAPABILITIES = {
    "access requests": (["access-request", "access_request"], ["access-requests", "requests"]),
    "notices": (["notice", "channel"], ["notices", "channels"]),
}


def step(document, number, says):
    """A step that Menjin does; fails where it does not."""

    def add(function):
        STEPS.append((document, number, says, "menjin", function))
        return function

    return add


def wecom_step(document, number, says):
    """A step of WeCom's own console; done on the simulator, and not counted."""

    def add(function):
        STEPS.append((document, number, says, "wecom", function))
        return function

    return add


def missing(document, number, says, capability):
    """A step whose capability is not there; fails once it is, so that the step is written."""

    def absent():
        words, paths = CAPABILITIES[capability]
        for path in paths:
            status, answer = calls.call("GET", path)
            calls.check(status == 404 and answer.get("number") == "WB-102", f"GET {path}: {status}: {capability} is there")
        status, answer = calls.call("GET", "openapi.json")
        if status == 200:
            found = [path for path in answer["paths"] if any(word in path for word in words)]
            calls.check(not found, f"{found}: {capability} is there")

    STEPS.append((document, number, says, capability, absent))
