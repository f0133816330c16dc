"""The conformance scripts, through both clients over TCP: each is answered as it stands."""

from __future__ import annotations

import asyncio
import unittest
from typing import Any

from mneme import AsyncClient, Client, MnemeError, json

from .plain import Plain, Script, strict
from .support import PROJECT, Server

SCRIPTS = Script.all()


class ScriptTests(unittest.TestCase):
    server: Server

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Server()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.server.stop()

    def hold(self, script: Script, index: int, told: Any) -> None:
        step = script.steps[index]
        self.assertEqual(
            told, strict(step.answer), f"{script.name}, step {index + 1}: {step.request}"
        )

    def test_there_are_scripts(self) -> None:
        self.assertGreater(len(SCRIPTS), 30)
        self.assertGreater(sum(len(script.steps) for script in SCRIPTS), 500)

    def test_answers_that_differ_are_told_apart(self) -> None:
        for one, other in [("1", "1.0"), ("0.0", "-0.0"), ("1", "true"), ("[1, 2]", "[2, 1]"),
                           ('{"a": null}', "{}"), ('{"a": 0.5}', '{"a": 0.501}')]:  # fmt: skip
            self.assertNotEqual(strict(one), strict(other))
        answer = {"found": {"rows": [{"score": 0.12345}], "plan": "x", "sequence": 3, "next": "c"}}
        rows = '"rows": [{"score": 0.123}]'
        plain = f'{{"found": {{{rows}, "plan": "<plan>", "sequence": "<sequence>"}}}}'
        self.assertEqual(Plain().tree(answer), strict(plain))

    def test_the_waiting_client(self) -> None:
        for number, script in enumerate(SCRIPTS):
            with self.subTest(script=script.name), Client(
                self.server.address, store=f"waiting-{number}", retries=0, timeout=600
            ) as client:
                for path in script.schemas:
                    client.request({"define": json.loads((PROJECT / path).read_text())})
                plain = Plain()
                for index, step in enumerate(script.steps):
                    answer: dict[str, Any]
                    try:
                        answer = client.request(json.loads(plain.filled(step.request)))
                    except MnemeError as error:
                        answer = error.spelling
                    self.hold(script, index, plain.tree(answer))

    def test_the_client_of_asyncio(self) -> None:
        async def run(number: int, script: Script) -> None:
            async with AsyncClient(
                self.server.address, store=f"asyncio-{number}", retries=0, timeout=600
            ) as client:
                for path in script.schemas:
                    await client.request({"define": json.loads((PROJECT / path).read_text())})
                plain = Plain()
                for index, step in enumerate(script.steps):
                    answer: dict[str, Any]
                    try:
                        answer = await client.request(json.loads(plain.filled(step.request)))
                    except MnemeError as error:
                        answer = error.spelling
                    self.hold(script, index, plain.tree(answer))

        for number, script in enumerate(SCRIPTS):
            with self.subTest(script=script.name):
                asyncio.run(run(number, script))


if __name__ == "__main__":
    unittest.main()
