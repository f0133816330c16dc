"""The examples of the README and the programs in examples/, run against the real program."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

from .support import Certificates, Server, free_port

HERE = Path(__file__).resolve().parents[1]


class ExampleTests(unittest.TestCase):
    server: Server

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Server()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.server.stop()

    def run_program(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], capture_output=True, text=True, timeout=60, check=False
        )

    def test_the_readme(self) -> None:
        text = (HERE / "README.md").read_text()
        blocks = re.findall(r"```python\n(.*?)```", text, re.S)
        self.assertGreaterEqual(len(blocks), 7)
        secure = [block for block in blocks if "tls=tls" in block]
        self.assertEqual(len(secure), 1)
        program = "\n".join(block for block in blocks if block not in secure)
        told = self.run_program("-c", program.replace("localhost:7411", self.server.address))
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("Ann keeps bees behind the old mill", told.stdout)
        self.assertIn("Sleep", told.stdout)

    def test_what_the_readme_says_of_tls(self) -> None:
        certificates = Certificates()
        self.addCleanup(certificates.remove)
        text = (HERE / "README.md").read_text()
        (block,) = (
            block for block in re.findall(r"```python\n(.*?)```", text, re.S) if "tls=tls" in block
        )
        with Server("--tls-cert", certificates.make("server")) as server:
            program = f"import mneme\n{block}".replace("localhost:7411", server.address)
            os.environ["MNEME_TOKEN"] = server.token("root", "--role", "admin")
            self.addCleanup(os.environ.pop, "MNEME_TOKEN")
            told = self.run_program("-c", program.replace("ca.pem", certificates.authority))
            self.assertEqual(told.returncode, 0, told.stderr)
            alone = self.run_program("-c", program.replace('cafile="ca.pem"', ""))
            self.assertIn("by TLS", alone.stderr)

    def test_the_examples(self) -> None:
        for name in ("journal", "assistant"):
            path = str(HERE / "examples" / f"{name}.py")
            for _ in range(2):
                told = self.run_program(path, "--connect", self.server.address)
                self.assertEqual(told.returncode, 0, told.stdout + told.stderr)
            helped = self.run_program(path, "--help")
            self.assertEqual(helped.returncode, 0)
            self.assertIn("Exit status", helped.stdout)
            alone = self.run_program(path, "--connect", f"127.0.0.1:{free_port()}")
            self.assertEqual(alone.returncode, 2)
            self.assertIn("No server answers", alone.stderr)


if __name__ == "__main__":
    unittest.main()
