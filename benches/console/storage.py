"""Writes rows of either database, in bulk."""

import glob
import json
import sqlite3
import subprocess
import uuid


def plain(value):
    """Documents as their text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if isinstance(value, (dict, list)) else value


class Sqlite:
    def __init__(self, path):
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA foreign_keys = OFF")
        self.connection.execute("PRAGMA synchronous = OFF")

    @staticmethod
    def value(value):
        return value.bytes if isinstance(value, uuid.UUID) else plain(value)

    def insert(self, table, rows):
        """`rows` are dictionaries with the same names."""
        rows = iter(rows)
        first = next(rows, None)
        if first is None:
            return
        names = list(first)
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        self.connection.execute("BEGIN")
        self.connection.execute(statement, [self.value(first[name]) for name in names])
        self.connection.executemany(statement, ([self.value(row[name]) for name in names] for row in rows))
        self.connection.execute("COMMIT")

    def execute(self, statement, *values):
        """`?` in the place of each value."""
        self.connection.execute(statement, [self.value(value) for value in values])

    def one(self, statement):
        found = self.connection.execute(statement).fetchone()[0]
        return uuid.UUID(bytes=found) if isinstance(found, bytes) else found

    def done(self):
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.close()


class Postgres:
    def __init__(self, url):
        self.command = [sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))[-1], "-X", "-q", "-v", "ON_ERROR_STOP=1", url]

    @staticmethod
    def value(value):
        if value is None:
            return "\\N"
        text = str(plain(value))
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")

    def insert(self, table, rows):
        rows = iter(rows)
        first = next(rows, None)
        if first is None:
            return
        names = list(first)
        copy = f"COPY {table} ({', '.join(names)}) FROM STDIN"
        with subprocess.Popen([*self.command, "-c", copy], stdin=subprocess.PIPE, text=True, encoding="utf-8") as psql:
            for row in [first]:
                psql.stdin.write("\t".join(self.value(row[name]) for name in names) + "\n")
            for row in rows:
                psql.stdin.write("\t".join(self.value(row[name]) for name in names) + "\n")
            psql.stdin.close()
            assert psql.wait() == 0, table

    def asked(self, statement):
        answer = subprocess.run([*self.command, "-A", "-t", "-c", statement], check=True, capture_output=True, text=True)
        return answer.stdout.strip()

    def execute(self, statement, *values):
        quoted = ["NULL" if value is None else "'" + str(plain(value)).replace("'", "''") + "'" for value in values]
        parts = statement.split("?")
        self.asked("".join(part + value for part, value in zip(parts, [*quoted, ""])))

    def one(self, statement):
        answer = self.asked(statement)
        return int(answer) if answer.isdigit() else uuid.UUID(answer)

    def done(self):
        self.asked("VACUUM ANALYZE")
