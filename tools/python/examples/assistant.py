"""One turn of an assistant with asyncio: a session, its context for a prompt, a fact, a reminder.

Start a server with `mneme serve --root stores` before.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import datetime, timedelta, timezone

import mneme


async def turn(memory: mneme.AsyncClient, said: str) -> list[str]:
    """Answers what was said, and returns the lines of the prompt that it was answered by."""
    session = await memory.open_session("ann", agent="assistant")
    await memory.append(session, [{"text": said, "speaker": "ann"}])
    context = await memory.context(session, tokens=1_000, question=said)
    prompt = [f"remembered: {item.text}" for item in context.recalled]
    prompt += [f"{entry['speaker']}: {entry['text']}" for entry in context.entries]
    # What comes of it is stored at once, each by itself.
    await asyncio.gather(
        memory.append(session, [{"text": "How lovely!", "speaker": "assistant"}]),
        memory.remember("Ann has an exam on Friday.", owner="ann", kind="semantic", key="exam"),
        memory.schedule(
            datetime.now(timezone.utc) + timedelta(days=4),
            owner="ann",
            key="ask",
            payload={"ask": "how the exam went"},
        ),
    )
    return prompt


async def run(address: str, store: str) -> int:
    async with mneme.AsyncClient(address, store=store, retry_writes=True) as memory:
        await memory.remember("Ann keeps bees.", owner="ann", key="bees")
        prompt = await turn(memory, "The bees gave honey, and I have an exam on Friday.")
        print("\n".join(prompt))
        until = datetime.now(timezone.utc) + timedelta(days=7)
        for event in await memory.due_events(owner="ann", until=until):
            print(f"due: {event.payload['ask']}")
            return 0 if len(prompt) >= 2 else 1
    return 1


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit status: 0 where it went well, 1 where something was not found, 2 where there "
        "is no server or it refuses.",
    )
    parser.add_argument(
        "--connect", default="localhost:7411", metavar="ADDRESS", help="HOST:PORT or unix:/PATH"
    )
    parser.add_argument("--store", default="assistant", help="the store's name")
    given = parser.parse_args()
    try:
        return asyncio.run(run(given.connect, given.store))
    except mneme.MnemeError as error:
        print(f"assistant: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
