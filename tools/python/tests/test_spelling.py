"""The JSON spelling, held against that of the program: both write the same of random values."""

from __future__ import annotations

import random
import struct
import subprocess
import unittest
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from mneme import Client, FarDate, FarInstant, Vector, changes, json
from mneme.values import read_date, read_instant

from .plain import strict
from .support import PROGRAM, Server

THINGS: dict[str, Any] = {
    "name": "things",
    "fields": [
        {"name": "at", "type": "instant"},
        {"name": "day", "type": "date"},
        {"name": "id", "type": "uuid"},
        {"name": "data", "type": "bytes"},
        {"name": "size", "type": "float"},
        {"name": "count", "type": "int"},
        {"name": "text", "type": "text"},
        {"name": "free", "type": "json"},
        {"name": "sense", "type": {"vector": {"dimension": 3}}},
    ],
}
NAMES = ["$uuid", "$$uuid", "$$$a", "$a", "$instant", "$$", "$", "a", "é", "bb", "", "$float"]


def free(dice: random.Random, depth: int) -> Any:
    kind = dice.randrange(7 if depth else 5)
    if kind == 0:
        return dice.choice([None, True, False, 0, -0.0, 1e22, 1e-7, 2.5, 123456789.0])
    if kind < 3:
        return dice.randrange(-(2**62), 2**62) >> dice.randrange(60)
    if kind < 5:
        return dice.choice(["", "a\u0000b", "\u2028", "🐝", "\\\"/\n", "caf\u00e9"])
    if kind == 5:
        return [free(dice, depth - 1) for _ in range(dice.randrange(3))]
    return {dice.choice(NAMES): free(dice, depth - 1) for _ in range(dice.choice([1, 1, 2]))}


def fields(dice: random.Random) -> dict[str, Any]:
    at: Any = FarInstant(dice.randrange(-(2**63), 2**63))
    if dice.random() < 0.7:
        seconds = dice.randrange(-62_167_219_200, 253_402_300_800)
        at = datetime(1970, 1, 1, tzinfo=timezone.utc)
        try:
            at += timedelta(seconds=seconds, microseconds=dice.choice([0, 1, 500_000, 120]))
        except OverflowError:
            at = FarInstant(seconds * 1_000_000)
    size = struct.unpack("<d", dice.randbytes(8))[0]
    days = dice.choice([dice.randrange(-(2**31), 2**31), dice.randrange(-719_528, 9**6)])
    return {
        "at": at,
        "day": FarDate(days),
        "id": UUID(bytes=dice.randbytes(16)),
        "data": dice.randbytes(dice.randrange(9)),
        "size": size,
        "count": dice.randrange(-(2**63), 2**63),
        "text": dice.choice(["tea", "", "\u0000", "é\t"]),
        "free": free(dice, 4),
        "sense": Vector([dice.uniform(-1, 1), dice.uniform(-1e20, 1e20) / 1e3, 1.0]),
    }  # fmt: skip


class SpellingTests(unittest.TestCase):
    def test_the_program_writes_and_reads_the_same(self) -> None:
        dice = random.Random(11)
        keys = [str(number) for number in range(100)]
        get = {"get": [f"things/{key}" for key in keys]}
        with Server() as server, Client(server.address, store="s") as client:
            client.define([THINGS])
            client.commit([changes.put("things", fields(dice), key=key) for key in keys])
            written = self.perform(server, json.dumps(get))
            told = client.request(get)
            self.assertEqual(strict(json.dumps(told)), strict(written))
            # And back: what this client spells is what the program reads.
            puts = [{"put": record} for record in told["records"]]
            self.perform(server, json.dumps({"commit": {"changes": puts}}))
            again = client.request(get)
            self.assertEqual(json.dumps(again), json.dumps(told))
            self.assertEqual(strict(json.dumps(json.loads(written))), strict(written))

    def test_the_program_reads_the_same_instants_and_dates(self) -> None:
        dice = random.Random(5)
        texts = [
            "2024-02-29T12:00:00Z", "2024-02-29 12:00:00.5+02:00", "2023-02-29T12:00:00Z",
            "2024-02-29", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2024-2-9",
            "2024-02-29T12:00", "2024-02-29T12", "2024-02-29T12:00:00.", "2024-02-29T24:00:00Z",
            "2024-02-29T23:59:60Z", "2024-02-29T12:00:00.1234567Z", "2024-02-29t12:00:00z",
            "2024-02-29T12:00:00+0200", "2024-02-29T12:00:00+02", "2024-02-29T12:00:00 Z",
            "2024-02-29T12:00:00-23:59", "2024-02-29T12:00:00+02:60", "2024-02-29Z", "20240229",
            "2024-02-29T12:00+01:00", " 2024-02-29", "0000-01-01T00:00:00+01:00", "+2024-02-29",
            "9999-12-31T23:59:59-01:00", "2024-02-29T12:00:00.5", "2024-02-29_12:00:00Z",
        ]  # fmt: skip
        for _ in range(400):
            letters = list(dice.choice(texts[:6] + texts[9:]))
            letters[dice.randrange(len(letters))] = dice.choice("0123456789-:+.TZtz 369")
            texts.append("".join(letters))
        requests: list[Any] = []
        wrong: list[Any] = []
        for number, text in enumerate(texts):
            for name in ("at", "day"):
                change = {"put": {"collection": "things", "key": f"{name}{number}",
                                  "fields": {name: text}, "returns": "new"}}  # fmt: skip
                requests.append({"commit": {"changes": [change], "durability": "none"}})
        with Server() as server, Client(server.address, store="s") as client:
            client.define([THINGS])
            answers = iter(client.request_all(requests))
            for text in texts:
                for name, read in (("at", read_instant), ("day", read_date)):
                    answer = next(answers)
                    told: Any = "refused"
                    if isinstance(answer, dict):
                        (outcome,) = answer["committed"]["outcomes"]
                        told = outcome["put"]["record"]["fields"][name]
                    try:
                        mine: Any = read(text)
                    except ValueError:
                        mine = "refused"
                    if mine != told:
                        wrong.append((name, text, mine, told))
        self.assertFalse(wrong, wrong)

    def perform(self, server: Server, request: str) -> str:
        told = subprocess.run(
            [PROGRAM, "perform", request, "--connect", server.address, "--store", "s"],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        self.assertEqual(told.returncode, 0, told.stderr)
        return told.stdout


if __name__ == "__main__":
    unittest.main()
