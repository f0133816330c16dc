"""Remembers what was said, recalls it for questions, and walks from memory to memory.

A first run fills the store; a second one finds what the first remembered. Start a server with
`mneme serve --root stores` before.
"""

from __future__ import annotations

import argparse
import sys

import mneme

SAID = {
    "bees": "Ann keeps bees behind the old mill.",
    "roof": "The roof of the mill was mended in May.",
    "honey": "The bees gave nine jars of honey this year.",
    "train": "The train to Lyon leaves at nine.",
}
LINKS = [("honey", "bees"), ("roof", "bees")]
QUESTIONS = {"Who keeps beehives?": "bees", "When does the train leave?": "train"}


def fill(memory: mneme.Client) -> None:
    """Remembers what was said, and that some of it leads to some other."""
    memory.define(edges=[{"name": "about", "from": "memories", "to": "memories", "unique": True}])
    memory.remember_all([{"text": text, "owner": "ann", "key": key} for key, text in SAID.items()])
    memory.relate(
        [
            mneme.changes.link("about", f"memories/{start}", f"memories/{end}", mode="replace")
            for start, end in LINKS
        ]
    )


def ask(memory: mneme.Client) -> bool:
    """Prints what is recalled, and says whether the right memory came first."""
    is_right = True
    for question, key in QUESTIONS.items():
        print(question)
        recalled = memory.recall(question, owner="ann", limit=2)
        for item in recalled:
            parts = ", ".join(f"{part.signal} {part.value:.2f}" for part in item.parts)
            print(f"  {item.score:.2f}  {item.text}  ({parts})")
        is_right = is_right and bool(recalled.items) and recalled.items[0].record.key == key
    return is_right


def walk(memory: mneme.Client) -> bool:
    """Prints what leads to the bees, and says whether that is all that was linked."""
    print("What is about the bees:")
    stops = memory.walk("memories/bees", types=["about"], direction="in").stops
    records = memory.get_all([stop.reference for stop in stops])
    for record in records:
        print(f"  {record['text'] if record else 'forgotten'}")
    return {stop.reference.key for stop in stops} == {start for start, _ in LINKS}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit status: 0 where everything was found again, 1 where something was not, "
        "2 where there is no server or it refuses.",
    )
    parser.add_argument(
        "--connect", default="localhost:7411", metavar="ADDRESS", help="HOST:PORT or unix:/PATH"
    )
    parser.add_argument("--store", default="journal", help="the store's name (default: journal)")
    given = parser.parse_args()
    try:
        with mneme.Client(given.connect, store=given.store) as memory:
            if memory.get("memories/bees") is None:
                fill(memory)
                print(f"Remembered {len(SAID)} memories.")
            found = ask(memory)
            return 0 if walk(memory) and found else 1
    except mneme.MnemeError as error:
        print(f"journal: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
