# Derived from tests/test_async_store.py by tools/python/derive; change that one.
"""A client that waits against the real program."""

from __future__ import annotations

import threading
import time
import unittest
from datetime import datetime, timedelta, timezone
from typing import Any

from mneme import Client, Reference, Vector, changes, json
from mneme.errors import (
    ConditionFailed,
    Conflict,
    DeadlineExceeded,
    Duplicate,
    MnemeError,
    TooLarge,
    UnknownCollection,
    UnknownStore,
)
from mneme.records import Change

from .support import Server

NOTES: dict[str, Any] = {
    "name": "notes",
    "fields": [
        {"name": "text", "type": "text", "searchable": True},
        {"name": "count", "type": "int"},
        {"name": "at", "type": "instant"},
        {"name": "sense", "type": {"vector": {"dimension": 3}}},
        {"name": "data", "type": "json"},
    ],
    "indexes": [{"name": "byCount", "fields": ["count"]}],
    "history": {},
    "usage": True,
}
CITES: dict[str, Any] = {"name": "cites", "fields": [{"name": "weight", "type": "float"}]}


class StoreTests(unittest.TestCase):
    server: Server
    count = 0

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Server(unix=True)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.server.stop()

    def client(self, **options: Any) -> Client:
        """A client of a new store."""
        StoreTests.count += 1
        return Client(self.server.address, store=f"store-{StoreTests.count}", **options)

    def test_records(self) -> None:
        with self.client() as store:
            store.define([NOTES], [CITES])
            at = datetime(2024, 2, 29, 12, tzinfo=timezone.utc)
            fields = {"text": "green tea", "count": 1, "at": at, "sense": Vector([1, 0, 0.5])}
            put = store.put("notes", fields, key="a", returns="old")
            self.assertEqual((put.reference, put.is_new), (Reference("notes", "a"), True))
            record = store.get("notes/a", version=True)
            assert record is not None and put.version is not None
            self.assertEqual(record.fields, fields)
            self.assertEqual(record.version, put.version)
            self.assertIsNone(store.get("notes/none"))
            with self.assertRaises(Duplicate):
                store.put("notes", {}, key="a", mode="insert")
            with self.assertRaises(ConditionFailed):
                store.put("notes", {}, key="a", version=put.version - 1)
            patched = store.patch("notes", "a", increment={"count": 2}, returns=True)
            assert patched.record is not None
            self.assertEqual(patched.record["count"], 3)
            history = store.history("notes/a")
            self.assertEqual([one.kind for one in history], ["updated", "created"])
            self.assertEqual(history.versions[0].changes, {"count": {"old": 1, "new": 3}})
            self.assertTrue(store.delete("notes/a"))
            self.assertFalse(store.delete("notes/a"))
            made = store.put("notes", {"text": "no key"})
            self.assertTrue(store.erase(made.reference))
            with self.assertRaises(UnknownCollection):
                store.get("nothing/a")

    def test_questions(self) -> None:
        with self.client() as store:
            store.define([NOTES], [CITES])
            store.commit(
                [
                    changes.put(
                        "notes",
                        {"text": f"note {n} tea", "count": n, "sense": [1, n, 0]},
                        key=f"n{n:02}",
                    )
                    for n in range(50)
                ]
            )
            found = store.find("notes", {"count": {"gte": 45}}, order=["count"])
            self.assertEqual([row["count"] for row in found], [45, 46, 47, 48, 49])
            self.assertEqual(len(found.records), 5)
            keys = [
                row.record.key if row.record else None
                for row in store.find_each("notes", order=["count"], page=7)
            ]
            self.assertEqual(keys, [f"n{n:02}" for n in range(50)])
            near = store.near("notes", "sense", [1, 3, 0], limit=2)
            assert near.rows[0].record is not None
            self.assertEqual(near.rows[0].record.key, "n03")
            match = store.match("notes", "text", query='+"note 7"', highlight={})
            self.assertEqual([row["count"] for row in match], [7])
            self.assertEqual(match.rows[0].highlights["text"][0].words, [(0, 6)])
            self.assertEqual((store.count("notes")).count, 50)
            groups = store.count(
                "notes", {"count": {"lt": 2}}, by=[{"as": "number", "value": "count"}]
            )
            self.assertEqual([group["count"] for group in groups], [1, 1])
            explained = store.find("notes", {"count": 3}, explain=True)
            assert explained.explained is not None
            self.assertEqual(explained.explained["index"], "byCount")

    def test_edges(self) -> None:
        with self.client() as store:
            store.define([NOTES], [CITES])
            store.commit([changes.put("notes", {}, key=key) for key in "abcd"])
            first = store.link("cites", "notes/a", "notes/b", {"weight": 0.5})
            store.commit(
                [changes.link("cites", "notes/b", "notes/c", {"weight": 1.0}),
                 changes.link("cites", "notes/a", "notes/c", {"weight": 0.25})]
            )  # fmt: skip
            walked = store.walk("notes/a", hops=2)
            self.assertEqual({str(stop.reference) for stop in walked}, {"notes/b", "notes/c"})
            path = store.path("notes/a", "notes/b")
            assert path is not None
            self.assertEqual((path[0].id, path[0].fields), (first, {"weight": 0.5}))
            self.assertIsNone(store.path("notes/a", "notes/d"))
            ways = store.paths("notes/a", "notes/c", strength="weight")
            self.assertEqual(len(ways.paths[0].edges), 2)
            matched = store.pattern(
                {"x": {"collection": "notes", "keys": ["a"]}, "y": {"collection": "notes"}},
                [{"from": "x", "to": "y", "types": ["cites"], "where": {"weight": {"lt": 0.3}}}],
                select=["y"],
            )
            self.assertEqual(matched.rows, [{"y": "notes/c"}])
            edges = store.find(edges="cites", where={"$from": "notes/a"})
            self.assertEqual(len([row.edge for row in edges if row.edge]), 2)
            self.assertTrue(store.unlink(path[0]))
            self.assertFalse(store.unlink(first))

    def test_memories(self) -> None:
        with self.client() as store:
            tea = store.remember("Ann likes green tea.", owner="ann", key="tea")
            self.assertEqual(tea.key, "tea")
            store.remember_all(
                [{"text": "Ann has two cups.", "owner": "ann", "key": "cups"},
                 {"text": "The train leaves at nine.", "owner": "ann", "key": "train"}],
                idempotency_key="turn 1",
            )  # fmt: skip
            again = store.remember_all(
                [{"text": "Ann has two cups.", "owner": "ann", "key": "cups"},
                 {"text": "The train leaves at nine.", "owner": "ann", "key": "train"}],
                idempotency_key="turn 1",
            )  # fmt: skip
            self.assertTrue(again.repeated)
            recalled = store.recall("What does Ann drink?", owner="ann", limit=2)
            self.assertEqual(len(recalled), 2)
            self.assertEqual(recalled.items[0].text, "Ann likes green tea.")
            self.assertAlmostEqual(
                recalled.items[0].score, sum(part.value for part in recalled.items[0].parts), 5
            )
            new = store.supersede("tea", "Ann likes black tea.", owner="ann", key="tea2")
            self.assertEqual(new.outcomes, ["superseded"])
            why = store.why("tea2")
            self.assertEqual([step.by for step in why.steps], ["SUPERSEDES"])
            touched = store.touch(["cups", "none"])
            self.assertIsNone(touched.accesses[1])
            store.pin(["cups"])
            unlinked = store.upkeep("unlinked", owner="ann")
            self.assertEqual({one.records[0].key for one in unlinked}, {"cups", "train"})
            pruned = store.prune(owner="ann", records=1, dry_run=True)
            self.assertTrue(pruned.dry_run)
            self.assertEqual((store.forget(["train"])).count, 1)
            self.assertEqual((store.statistics()).records["memories"], 3)
            self.assertEqual((store.verify()).findings, [])
            purged = store.purge("ann")
            self.assertEqual(purged.collections["memories"].count, 3)

    def test_sessions(self) -> None:
        with self.client() as store:
            session = store.open_session("ann", data={"channel": 7})
            self.assertTrue(session.new)
            store.append(
                session,
                [{"text": "Hello", "speaker": "ann"}, {"text": "Good morning", "speaker": "bot"}],
            )
            context = store.context(session, tokens=1_000)
            self.assertEqual([one["text"] for one in context.entries], ["Hello", "Good morning"])
            whole = store.rehydrate(session)
            self.assertEqual(whole.lanes, {"main": 2})
            ended = store.end_session(
                session, summary="A greeting.", flush=True, facts=[{"text": "Ann greets."}]
            )
            self.assertEqual(len(ended.facts), 1)
            episodes = store.episodes(owner="ann")
            self.assertEqual([row["text"] for row in episodes], ["A greeting."])

    def test_names_events_and_scalars(self) -> None:
        with self.client() as store:
            store.put_named("ann", "allergies", ["peanuts"], text="What Ann cannot eat")
            record = store.get_named("ann", "allergies")
            assert record is not None
            self.assertEqual(record["value"], ["peanuts"])
            self.assertIsNone(store.get_named("ann", "none"))
            self.assertEqual(len(store.list_named("ann", prefix="all")), 1)
            self.assertEqual(len(store.search_named("ann", "food that she avoids")), 1)
            store.put_named("ann", "greeting", "Wave.", kind="procedure")
            store.use_procedure("ann", "greeting", succeeded=True)
            self.assertEqual((store.delete_named("ann", ["allergies"])).count, 1)

            due = datetime.now(timezone.utc) - timedelta(hours=1)
            event = store.schedule(due, owner="ann", payload={"ask": "how it went"})
            self.assertEqual(event.status, "pending")
            self.assertEqual(len((store.due_events(owner="ann")).events), 1)
            (claimed,) = store.claim_events(owner="ann", lease_seconds=60)
            self.assertEqual(claimed.payload, {"ask": "how it went"})
            self.assertEqual((store.settle_event(claimed)).status, "done")

            moved = store.set_scalar("bot", "mood", by=0.5, decay=0.1)
            self.assertEqual(moved.value, 0.5)
            scalars = store.get_scalars("bot", history=3)
            self.assertEqual(len(scalars.scalars[0].history), 1)

    def test_transactions(self) -> None:
        with self.client() as store:
            store.define([NOTES], [CITES])
            with store.transaction() as both:
                both.put("notes", {"count": 1}, key="a")
                self.assertEqual((both.count("notes")).count, 1)
                self.assertEqual((store.count("notes")).count, 0)
            assert both.committed is not None
            self.assertEqual(both.committed.outcomes, [{"put": "notes/a"}])
            with self.assertRaises(ZeroDivisionError):
                with store.transaction() as both:
                    both.put("notes", {"count": 2}, key="a")
                    raise ZeroDivisionError
            with self.assertRaises(Conflict):
                with store.transaction() as both:
                    record = both.get("notes/a")
                    assert record is not None
                    self.assertEqual(record["count"], 1)
                    store.patch("notes", "a", increment={"count": 5})
                    both.put("notes", {"count": record["count"] + 1}, key="a")
            record = store.get("notes/a")
            assert record is not None
            self.assertEqual(record["count"], 6)
            with self.assertRaises(MnemeError):
                both.get("notes/a")

    def test_any_request(self) -> None:
        with self.client() as store:
            self.assertIn("schema", store.request("describe"))
            spelled = '{"remember": {"text": "tea", "owner": "a", "key": "k"}}'
            told = json.loads(store.request_json(spelled))
            self.assertEqual(told["remembered"]["keys"], ["k"])
            answers = store.request_all([{"get": ["memories/k"]}, {"get": ["nothing/k"]}])
            assert isinstance(answers[0], dict)
            self.assertEqual(answers[0]["records"][0]["key"], "k")
            self.assertIsInstance(answers[1], UnknownCollection)
            self.assertGreater(store.ping(), 0)
            welcome = store.welcome()
            self.assertTrue(welcome.server.startswith("mneme"))
            self.assertGreaterEqual(welcome.largest_response, 64 << 20)

    def test_long_answers_and_requests(self) -> None:
        with self.client(credit=65_536) as store:
            store.define([NOTES])
            text = "tea " * 5_000
            for start in range(0, 90, 30):
                store.commit(
                    [changes.put("notes", {"text": f"{n} {text}"}, key=str(n))
                     for n in range(start, start + 30)]
                )  # fmt: skip
            found = store.find("notes", limit=100)
            self.assertEqual(sum(len(record["text"]) > 20_000 for record in found.records), 90)
            with self.assertRaises(TooLarge):
                store.put("notes", {"data": "x" * (17 << 20)})
            self.assertEqual((store.count("notes")).count, 90)
        small = self.client(largest_response=100_000)
        with small:
            small.define([NOTES])
            small.commit([changes.put("notes", {"text": text}, key=str(n)) for n in range(9)])
            with self.assertRaises(TooLarge):
                small.find("notes", limit=100)
            self.assertEqual(len(small.find("notes", limit=2)), 2)

    def test_a_watch_that_is_cancelled_or_too_late(self) -> None:
        with self.client() as store:
            after = store.watch().begin()
            request = {"watch": {"after": after, "waitMilliseconds": 60_000}}
            with self.assertRaises(DeadlineExceeded):
                store.request(request, timeout=0.1)
            pending = store.submit(request)
            pending.cancel()
            with self.assertRaises(MnemeError) as caught:
                pending.result()
            self.assertEqual(caught.exception.name, "cancelled")

    def test_a_store_that_must_be_there(self) -> None:
        with self.assertRaises(UnknownStore):
            Client(self.server.address, store="none-such", existing=True).open()


class RestartTests(unittest.TestCase):
    def setUp(self) -> None:
        self.server = Server()

    def tearDown(self) -> None:
        self.server.stop()

    def restart_later(self) -> threading.Thread:
        """Kills the server now, and starts it in a moment."""
        self.server.kill()

        def start() -> None:
            time.sleep(0.2)
            self.server.start()

        thread = threading.Thread(target=start)
        thread.start()
        return thread

    def test_what_may_be_asked_again_survives_a_kill(self) -> None:
        with Client(self.server.address, retries=12, retry_writes=True) as store:
            store.define([NOTES])
            store.put("notes", {"count": 0}, key="a")
            for _ in range(2):
                thread = self.restart_later()
                store.patch("notes", "a", increment={"count": 1})
                record = store.get("notes/a")
                thread.join()
            assert record is not None
            self.assertEqual(record["count"], 2)

    def test_a_watch_misses_nothing(self) -> None:
        with Client(self.server.address, retries=12) as store:
            store.define([NOTES])
            watch = store.watch(collections=["notes"], wait=1)
            watch.begin()
            store.commit([changes.put("notes", {"count": n}, key=str(n)) for n in range(3)])
            seen: list[Change] = []
            for change in watch:
                seen.append(change)
                if len(seen) == 3:
                    break
            self.assertEqual([one.put["count"] for one in seen if one.put], [0, 1, 2])
            self.restart_later().join()
            time.sleep(0.05)  # The loop hears of the end of its connection.
            store.delete("notes/1")
            for change in watch:
                self.assertEqual(change.delete, Reference("notes", "1"))
                break
            assert watch.position is not None
            again = store.watch(watch.position, collections=["notes"])
            for change in again:
                self.assertEqual(change.delete, Reference("notes", "1"))
                break

    def test_a_server_that_ends_in_order(self) -> None:
        with Client(self.server.address) as store:
            store.define([NOTES])
            store.put("notes", {"count": 1}, key="a")
            assert self.server.process is not None
            self.server.process.terminate()
            self.server.process.wait()
            self.server.start()
            time.sleep(0.05)
            self.assertIsNotNone(store.get("notes/a"))
            store.put("notes", {"count": 1}, key="b")


if __name__ == "__main__":
    unittest.main()
