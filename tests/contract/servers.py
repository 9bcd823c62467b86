"""Starts the servers of one pairing on free ports of 127.0.0.1 and stops them again."""

import contextlib
import glob
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request

BINARIES = os.environ["BINARIES"]
# Starts that may fail because somebody took the port meanwhile.
ATTEMPTS = 3


class NotStarted(Exception):
    pass


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait(process, ready, what):
    for _ in range(600):
        if process.poll() is not None:
            raise NotStarted(f"{what} ended with {process.returncode}")
        if ready():
            return
        time.sleep(0.05)
    raise NotStarted(f"{what} did not start in 30 seconds")


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def running(command, ready, what, output, **options):
    """Runs a program until the block ends; `output` is the file it writes to."""
    with open(output, "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)
    try:
        wait(process, ready, what)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def started(stack, start, what):
    """Enters what `start(port)` makes, on another port if that one was taken. Returns the port."""
    for attempt in range(ATTEMPTS):
        port = free_port()
        try:
            stack.enter_context(start(port))
            return port
        except NotStarted:
            if attempt + 1 == ATTEMPTS:
                raise
    raise NotStarted(what)


def as_postgres(command):
    """PostgreSQL refuses to run as root; there it runs as its own user."""
    return ["runuser", "-u", "postgres", "--", *command] if os.getuid() == 0 else command


def postgres(stack, folder):
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    if not programs:
        raise SystemExit("tests/contract needs PostgreSQL (/usr/lib/postgresql)")
    home = os.path.join(folder, "postgres")
    os.mkdir(home)
    if os.getuid() == 0:
        shutil.chown(home, "postgres")
    data = os.path.join(home, "data")
    make = [f"{programs[-1]}/initdb", "-A", "trust", "-U", "menjin", "-E", "UTF8", "--no-sync", "-D", data]
    subprocess.run(as_postgres(make), check=True, stdout=subprocess.DEVNULL, cwd=home)

    def start(port):
        command = [f"{programs[-1]}/postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port)]
        command += ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "unix_socket_directories="]
        ask = ["psql", "-h", "127.0.0.1", "-p", str(port), "-U", "menjin", "-d", "postgres", "-c", "select 1"]
        ask[0] = f"{programs[-1]}/psql"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        ready = lambda: subprocess.run(ask, check=False, **quiet).returncode == 0
        return running(as_postgres(command), ready, "PostgreSQL", os.path.join(folder, "postgres.log"), cwd=home)

    port = started(stack, start, "PostgreSQL")
    return f"postgres://menjin@127.0.0.1:{port}/postgres"


def redis(stack, folder):
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit("tests/contract needs redis-server")

    def start(port):
        command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
        return running(command, lambda: accepts(port), "Redis", os.path.join(folder, "redis.log"), cwd=folder)

    return f"redis://127.0.0.1:{started(stack, start, 'Redis')}"


def simulator(stack, folder):
    """The simulated WeCom, which chooses its port by itself and tells it."""
    output = os.path.join(folder, "simulator.log")

    def said():
        with open(output, encoding="utf-8") as log:
            return [line.split()[1].rstrip("/") for line in log if line.startswith("  home ")]

    command = [f"{BINARIES}/wecom-simulator", "--listen", "127.0.0.1:0"]
    stack.enter_context(running(command, lambda: bool(said()), "the simulator", output))
    return said()[0]


def menjin(stack, folder, wecom, token, settings, host):
    def start(port):
        here = f"http://{host}:{port}"
        own = {
            "SERVER__LISTEN": f"127.0.0.1:{port}",
            "SERVER__PUBLIC_URL": here,
            "SERVER__WORKERS": "2",
            "SEAL__KEY": secrets.token_hex(32),
            "WECOM__API_URL": wecom,
            "WECOM__WEB_LOGIN_URL": wecom,
            "WECOM__LEGACY_QR_URL": wecom,
            "WECOM__OAUTH_URL": wecom,
            "WECOM__INSTALL_URL": wecom,
            # Made-up addresses of portals lead nowhere; nobody waits for them.
            "OUTBOUND__TIMEOUT": "1",
            "ADMIN__TOKEN": token,
            "LOG__LEVEL": "warn",
        }
        environment = {**os.environ, **{f"MENJIN__{key}": value for key, value in {**own, **settings}.items()}}

        def ready():
            try:
                with urllib.request.urlopen(f"{here}/readyz", timeout=5) as answer:
                    return answer.status == 200
            except OSError:
                return False

        command = [f"{BINARIES}/menjin", "serve"]
        return running(command, ready, "Menjin", os.path.join(folder, "menjin.log"), env=environment, cwd=folder)

    return f"http://{host}:{started(stack, start, 'Menjin')}"


@contextlib.contextmanager
def pairing(name, token, host="127.0.0.1"):
    """Everything of one pairing, `sqlite` or `postgres`: yields Menjin's URL at this host, the simulator's, and the folder with their logs."""
    with contextlib.ExitStack() as stack:
        folder = tempfile.mkdtemp(prefix="menjin-contract-")
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        # PostgreSQL's own user goes through it.
        os.chmod(folder, 0o755)
        settings = {"DATABASE__URL": f"sqlite://{folder}/menjin.db"}
        if name == "postgres":
            settings = {"DATABASE__URL": postgres(stack, folder), "EPHEMERAL__KIND": "redis"}
            settings["EPHEMERAL__URL"] = redis(stack, folder)
        wecom = simulator(stack, folder)
        try:
            yield menjin(stack, folder, wecom, token, settings, host), wecom, folder
        except BaseException:
            with open(os.path.join(folder, "menjin.log"), encoding="utf-8", errors="replace") as log:
                print("Menjin's log ends with:\n" + "".join(log.readlines()[-30:]), flush=True)
            raise
