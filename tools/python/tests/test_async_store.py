"""A client of asyncio against the real program."""

from __future__ import annotations

import unittest
from datetime import datetime, timedelta, timezone
from typing import Any

from mneme import Action, AsyncClient, Reference, Vector, changes, json
from mneme.errors import (
    BadRequest,
    ConditionFailed,
    Conflict,
    DeadlineExceeded,
    Duplicate,
    Forbidden,
    MnemeError,
    TokenExpired,
    TooLarge,
    TooManyLogins,
    Unauthenticated,
    UnknownCollection,
    UnknownStore,
)

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
KNOWS: dict[str, Any] = {
    "name": "knows",
    "fields": [
        {"name": "weight", "type": "float"},
        {"name": "since", "type": "instant"},
        {"name": "why", "type": "text", "searchable": True},
        {"name": "sense", "type": {"vector": {"dimension": 2}}},
    ],
    "indexes": [{"name": "byWeight", "fields": ["weight"]}],
    "history": {},
    "validFrom": "since",
}


class StoreTests(unittest.IsolatedAsyncioTestCase):
    server: Server
    count = 0

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Server(unix=True)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.server.stop()

    async def test_tokens(self) -> None:
        server = Server()
        try:
            admin = server.token("root", "--role", "admin")
            own = server.token("ann", "--role", "write", "--owners", "ann")
            with self.assertRaises(Unauthenticated):
                await AsyncClient(server.address).open()
            async with AsyncClient(server.address, token=admin) as memory:
                await memory.remember("Bob keeps bees", owner="bob")
            async with AsyncClient(server.address, token=own) as memory:
                await memory.remember("Ann keeps tea", owner="ann")
                with self.assertRaises(Forbidden):
                    await memory.remember("Bob keeps tea", owner="bob")
                found = await memory.recall("Who keeps bees?")
                self.assertEqual([item.record["owner"] for item in found.items], ["ann"])
                with self.assertRaises(Forbidden):
                    await memory.statistics()
            self.assertNotIn(own, repr(memory.options))
        finally:
            server.stop()

    async def test_tokens_that_are_over_or_guessed(self) -> None:
        with Server() as server:
            over = server.token("ann", "--role", "read", "--expires", "2024-01-01T00:00:00Z")
            with self.assertRaises(TokenExpired):
                await AsyncClient(server.address, token=over).open()
            told: list[type[MnemeError]] = []
            while TooManyLogins not in told and len(told) < 100:
                with self.assertRaises((Unauthenticated, TooManyLogins)) as caught:
                    await AsyncClient(server.address, token="mn_" + "A" * 43).open()
                told.append(type(caught.exception))
            self.assertIn(TooManyLogins, told)
            self.assertEqual(caught.exception.action, Action.RETRY)
            assert caught.exception.retry_after is not None
            self.assertGreater(caught.exception.retry_after, 0)

    def client(self, **options: Any) -> AsyncClient:
        """A client of a new store."""
        StoreTests.count += 1
        return AsyncClient(self.server.address, store=f"store-{StoreTests.count}", **options)

    async def test_records(self) -> None:
        async with self.client() as store:
            await store.define([NOTES], [CITES])
            at = datetime(2024, 2, 29, 12, tzinfo=timezone.utc)
            fields = {"text": "green tea", "count": 1, "at": at, "sense": Vector([1, 0, 0.5])}
            put = await store.put("notes", fields, key="a", returns="old")
            self.assertEqual((put.reference, put.is_new), (Reference("notes", "a"), True))
            record = await store.get("notes/a", version=True)
            assert record is not None and put.version is not None
            self.assertEqual(record.fields, fields)
            self.assertEqual(record.version, put.version)
            self.assertIsNone(await store.get("notes/none"))
            with self.assertRaises(Duplicate):
                await store.put("notes", {}, key="a", mode="insert")
            with self.assertRaises(ConditionFailed):
                await store.put("notes", {}, key="a", version=put.version - 1)
            patched = await store.patch("notes", "a", increment={"count": 2}, returns=True)
            assert patched.record is not None
            self.assertEqual(patched.record["count"], 3)
            history = await store.history("notes/a")
            self.assertEqual([one.kind for one in history], ["updated", "created"])
            self.assertEqual(history.versions[0].changes, {"count": {"old": 1, "new": 3}})
            self.assertTrue(await store.delete("notes/a"))
            self.assertFalse(await store.delete("notes/a"))
            made = await store.put("notes", {"text": "no key"})
            self.assertTrue(await store.erase(made.reference))
            with self.assertRaises(UnknownCollection):
                await store.get("nothing/a")

    async def test_questions(self) -> None:
        async with self.client() as store:
            await store.define([NOTES], [CITES])
            await store.commit(
                [
                    changes.put(
                        "notes",
                        {"text": f"note {n} tea", "count": n, "sense": [1, n, 0]},
                        key=f"n{n:02}",
                    )
                    for n in range(50)
                ]
            )
            found = await store.find("notes", {"count": {"gte": 45}}, order=["count"])
            self.assertEqual([row["count"] for row in found], [45, 46, 47, 48, 49])
            self.assertEqual(len(found.records), 5)
            keys = [
                row.record.key if row.record else None
                async for row in store.find_each("notes", order=["count"], page=7)
            ]
            self.assertEqual(keys, [f"n{n:02}" for n in range(50)])
            for page, limit, offset, expected in [
                (7, 10, None, range(10)), (7, 7, None, range(7)), (500, 10, 5, range(5, 15)),
                (7, None, 45, range(45, 50)), (7, 0, None, range(0)), (7, 60, 40, range(40, 50)),
                (7, 14, 3, range(3, 17)), (7, None, 3, range(3, 50)),
            ]:  # fmt: skip
                counts = [
                    row["count"]
                    async for row in store.find_each(
                        "notes", order=["count"], page=page, limit=limit, offset=offset
                    )
                ]
                self.assertEqual(counts, list(expected), (page, limit, offset))
            ranked: list[dict[str, Any]] = [
                {"match": {"field": "text", "words": "note"}}, {"known_at": datetime.now()},
                {"near": {"field": "sense", "vector": [1, 3, 0]}},
                {"budget": {"field": "count", "most": 3}},
            ]  # fmt: skip
            for question in ranked:
                with self.assertRaises(BadRequest):
                    async for _ in store.find_each("notes", **question):
                        pass
            near = await store.near("notes", "sense", [1, 3, 0], limit=2)
            assert near.rows[0].record is not None
            self.assertEqual(near.rows[0].record.key, "n03")
            match = await store.match("notes", "text", query='+"note 7"', highlight={})
            self.assertEqual([row["count"] for row in match], [7])
            self.assertEqual(match.rows[0].highlights["text"][0].words, [(0, 6)])
            self.assertEqual((await store.count("notes")).count, 50)
            groups = await store.count(
                "notes", {"count": {"lt": 2}}, by=[{"as": "number", "value": "count"}]
            )
            self.assertEqual([group["count"] for group in groups], [1, 1])
            explained = await store.find("notes", {"count": 3}, explain=True)
            assert explained.explained is not None
            self.assertEqual(explained.explained["index"], "byCount")

    async def test_edges(self) -> None:
        async with self.client() as store:
            await store.define([NOTES], [CITES])
            await store.commit([changes.put("notes", {}, key=key) for key in "abcd"])
            first = await store.link("cites", "notes/a", "notes/b", {"weight": 0.5})
            await store.commit(
                [changes.link("cites", "notes/b", "notes/c", {"weight": 1.0}),
                 changes.link("cites", "notes/a", "notes/c", {"weight": 0.25})]
            )  # fmt: skip
            walked = await store.walk("notes/a", hops=2)
            self.assertEqual({str(stop.reference) for stop in walked}, {"notes/b", "notes/c"})
            path = await store.path("notes/a", "notes/b")
            assert path is not None
            self.assertEqual((path[0].id, path[0].fields), (first, {"weight": 0.5}))
            self.assertIsNone(await store.path("notes/a", "notes/d"))
            ways = await store.paths("notes/a", "notes/c", strength="weight")
            self.assertEqual(len(ways.paths[0].edges), 2)
            matched = await store.pattern(
                {"x": {"collection": "notes", "keys": ["a"]}, "y": {"collection": "notes"}},
                [{"from": "x", "to": "y", "types": ["cites"], "where": {"weight": {"lt": 0.3}}}],
                select=["y"],
            )
            self.assertEqual(matched.rows, [{"y": "notes/c"}])
            edges = await store.find(edges="cites", where={"$from": "notes/a"})
            self.assertEqual(len([row.edge for row in edges if row.edge]), 2)
            self.assertTrue(await store.unlink(path[0]))
            self.assertFalse(await store.unlink(first))

    async def test_edges_that_are_erased(self) -> None:
        async with self.client() as store:
            await store.define([NOTES], [CITES])
            await store.commit([changes.put("notes", {}, key=key) for key in "ab"])
            first = await store.link("cites", "notes/a", "notes/b")
            second = await store.link("cites", "notes/b", "notes/a")
            third = await store.link("cites", "notes/b", "notes/b")
            page = await store.watch_once(0)
            self.assertTrue(await store.unlink(first))
            path = await store.path("notes/b", "notes/a")
            assert path is not None
            self.assertTrue(await store.erase(path[0]))
            self.assertFalse(await store.erase(second))
            await store.commit([changes.erase(third)])
            with self.assertRaises(ValueError):
                await store.erase(third, version=1)
            told = (await store.watch_once(page.next)).events
            self.assertEqual([event.unlink for event in told], [first, second, third])
            self.assertEqual([event.erased for event in told], [False, True, True])

    async def test_edges_that_are_near(self) -> None:
        async with self.client() as store:
            await store.define([NOTES], [KNOWS])
            await store.commit([changes.put("notes", {}, key=key) for key in "ab"])
            for sense in ([1.0, 0.0], [0.0, 1.0]):
                await store.link("knows", "notes/a", "notes/b", {"sense": sense})
            found = await store.near(None, "sense", [0.0, 2.0], edges="knows", limit=1)
            self.assertEqual([edge.fields["sense"] for edge in found.edges], [Vector([0, 1])])
            (checked,) = (await store.check_vectors(edges="knows"))["fields"]
            self.assertEqual((checked["edges"], checked["vectors"]), ("knows", 2))

    async def test_edges_of_some_records_and_of_another_time(self) -> None:
        then, now = datetime(2021, 1, 1, tzinfo=timezone.utc), datetime(2024, 1, 1)
        async with self.client() as store:
            await store.define([NOTES], [KNOWS])
            await store.commit(
                [changes.put("notes", {"count": count}, key=key)
                 for count, key in enumerate("abcd")]
            )  # fmt: skip
            first = await store.link("knows", "notes/a", "notes/b", {"weight": 0.5, "since": then})
            await store.link("knows", "notes/a", "notes/c", {"weight": 0.25, "since": now})
            await store.link("knows", "notes/b", "notes/d", {"weight": 0.5})
            page = await store.watch_once(0)
            some: Any = [{"collection": "notes", "where": {"count": {"lt": 2}}}]
            others: Any = [{"collection": "notes", "where": {"count": {"gt": 2}}}]
            most: Any = {"count": 1, "strongest": "weight"}
            cases: list[tuple[dict[str, Any], list[str]]] = [
                ({}, ["b", "c", "d"]), ({"through": some}, ["b"]), ({"only": others}, ["d"]),
                ({"fan_out": most}, ["b", "d"]), ({"as_of": then}, ["b", "d"]),
            ]  # fmt: skip
            for given, found in cases:
                walked = await store.walk("notes/a", hops=2, **given)
                self.assertEqual([stop.reference.key for stop in walked], found, given)
            self.assertIsNone(await store.path("notes/a", "notes/c", as_of=then))
            self.assertIsNone(await store.path("notes/a", "notes/c", fan_out=most))
            self.assertIsNone(await store.path("notes/a", "notes/d", through=others))
            self.assertEqual((await store.paths("notes/a", "notes/c", as_of=then)).paths, [])
            self.assertEqual((await store.paths("notes/a", "notes/c", fan_out=most)).paths, [])
            self.assertEqual((await store.paths("notes/a", "notes/d", through=others)).paths, [])
            self.assertTrue(await store.unlink(first))
            when = page.events[-1].time
            walked = await store.walk("notes/a", known_at=when)
            self.assertEqual({stop.reference.key for stop in walked}, {"b", "c"})
            self.assertIsNone(await store.path("notes/a", "notes/d"))
            path = await store.path("notes/a", "notes/d", known_at=when)
            self.assertEqual([edge.start.key for edge in path or []], ["a", "b"])
            ways = await store.paths("notes/a", "notes/d", known_at=when)
            self.assertEqual(len(ways.paths), 1)

    async def test_words_of_edges(self) -> None:
        async with self.client() as store:
            await store.define([NOTES], [KNOWS])
            await store.commit([changes.put("notes", {}, key=key) for key in "abc"])
            await store.link("knows", "notes/a", "notes/b", {"why": "They keep bees together."})
            best = await store.link("knows", "notes/a", "notes/c", {"why": "Bees, bees, bees."})
            found = await store.match(None, "why", "bees", edges="knows", highlight={})
            self.assertEqual(len(found), 2)
            self.assertEqual(found.edges[0].id, best)
            self.assertEqual(found.records, [])
            self.assertGreater(found.rows[0].score, found.rows[1].score)
            self.assertEqual(found.rows[1].highlights["why"][0].words, [(10, 14)])
            self.assertEqual(found.rows[1]["why"], "They keep bees together.")
            found = await store.match(
                None, {"why": 2.0}, query="bees -together", edges="knows",
                where={"$from": "notes/a"}, limit=1,
            )  # fmt: skip
            self.assertEqual([edge.id for edge in found.edges], [best])
            (told,) = (one for one in (await store.describe())["edges"] if one["name"] == "knows")
            self.assertEqual(told["validFrom"], "since")
            self.assertEqual(told["indexes"], KNOWS["indexes"])

    async def test_memories(self) -> None:
        async with self.client() as store:
            tea = await store.remember("Ann likes green tea.", owner="ann", key="tea")
            self.assertEqual(tea.key, "tea")
            await store.remember_all(
                [{"text": "Ann has two cups.", "owner": "ann", "key": "cups"},
                 {"text": "The train leaves at nine.", "owner": "ann", "key": "train"}],
                idempotency_key="turn 1",
            )  # fmt: skip
            again = await store.remember_all(
                [{"text": "Ann has two cups.", "owner": "ann", "key": "cups"},
                 {"text": "The train leaves at nine.", "owner": "ann", "key": "train"}],
                idempotency_key="turn 1",
            )  # fmt: skip
            self.assertTrue(again.repeated)
            recalled = await store.recall("What does Ann drink?", owner="ann", limit=2)
            self.assertEqual(len(recalled), 2)
            self.assertEqual(recalled.items[0].text, "Ann likes green tea.")
            self.assertAlmostEqual(
                recalled.items[0].score, sum(part.value for part in recalled.items[0].parts), 5
            )
            new = await store.supersede("tea", "Ann likes black tea.", owner="ann", key="tea2")
            self.assertEqual(new.outcomes, ["superseded"])
            why = await store.why("tea2")
            self.assertEqual([step.by for step in why.steps], ["SUPERSEDES"])
            touched = await store.touch(["cups", "none"])
            self.assertIsNone(touched.accesses[1])
            await store.pin(["cups"])
            unlinked = await store.upkeep("unlinked", owner="ann")
            self.assertEqual({one.records[0].key for one in unlinked}, {"cups", "train"})
            pruned = await store.prune(owner="ann", records=1, dry_run=True)
            self.assertTrue(pruned.dry_run)
            self.assertEqual((await store.forget(["train"])).count, 1)
            self.assertEqual((await store.statistics()).records["memories"], 3)
            self.assertEqual((await store.verify()).findings, [])
            purged = await store.purge("ann")
            self.assertEqual(purged.collections["memories"].count, 3)

    async def test_sessions(self) -> None:
        async with self.client() as store:
            session = await store.open_session("ann", data={"channel": 7})
            self.assertTrue(session.new)
            await store.append(
                session,
                [{"text": "Hello", "speaker": "ann"}, {"text": "Good morning", "speaker": "bot"}],
            )
            context = await store.context(session, tokens=1_000)
            self.assertEqual([one["text"] for one in context.entries], ["Hello", "Good morning"])
            whole = await store.rehydrate(session)
            self.assertEqual(whole.lanes, {"main": 2})
            ended = await store.end_session(
                session, summary="A greeting.", flush=True, facts=[{"text": "Ann greets."}]
            )
            self.assertEqual(len(ended.facts), 1)
            episodes = await store.episodes(owner="ann")
            self.assertEqual([row["text"] for row in episodes], ["A greeting."])

    async def test_names_events_and_scalars(self) -> None:
        async with self.client() as store:
            await store.put_named("ann", "allergies", ["peanuts"], text="What Ann cannot eat")
            record = await store.get_named("ann", "allergies")
            assert record is not None
            self.assertEqual(record["value"], ["peanuts"])
            self.assertIsNone(await store.get_named("ann", "none"))
            self.assertEqual(len(await store.list_named("ann", prefix="all")), 1)
            self.assertEqual(len(await store.search_named("ann", "food that she avoids")), 1)
            await store.put_named("ann", "greeting", "Wave.", kind="procedure")
            await store.use_procedure("ann", "greeting", succeeded=True)
            self.assertEqual((await store.delete_named("ann", ["allergies"])).count, 1)

            due = datetime.now(timezone.utc) - timedelta(hours=1)
            event = await store.schedule(due, owner="ann", payload={"ask": "how it went"})
            self.assertEqual(event.status, "pending")
            self.assertEqual(len((await store.due_events(owner="ann")).events), 1)
            (claimed,) = await store.claim_events(owner="ann", lease_seconds=60)
            self.assertEqual(claimed.payload, {"ask": "how it went"})
            self.assertEqual((await store.settle_event(claimed)).status, "done")

            moved = await store.set_scalar("bot", "mood", by=0.5, decay=0.1)
            self.assertEqual(moved.value, 0.5)
            scalars = await store.get_scalars("bot", history=3)
            self.assertEqual(len(scalars.scalars[0].history), 1)

    async def test_transactions(self) -> None:
        async with self.client() as store:
            await store.define([NOTES], [CITES])
            async with store.transaction() as both:
                await both.put("notes", {"count": 1}, key="a")
                self.assertEqual((await both.count("notes")).count, 1)
                self.assertEqual((await store.count("notes")).count, 0)
            assert both.committed is not None
            self.assertEqual(both.committed.outcomes, [{"put": "notes/a"}])
            with self.assertRaises(ZeroDivisionError):
                async with store.transaction() as both:
                    await both.put("notes", {"count": 2}, key="a")
                    raise ZeroDivisionError
            with self.assertRaises(Conflict):
                async with store.transaction() as both:
                    record = await both.get("notes/a")
                    assert record is not None
                    self.assertEqual(record["count"], 1)
                    await store.patch("notes", "a", increment={"count": 5})
                    await both.put("notes", {"count": record["count"] + 1}, key="a")
            record = await store.get("notes/a")
            assert record is not None
            self.assertEqual(record["count"], 6)
            with self.assertRaises(MnemeError):
                await both.get("notes/a")

    async def test_any_request(self) -> None:
        async with self.client() as store:
            self.assertIn("schema", await store.request("describe"))
            spelled = '{"remember": {"text": "tea", "owner": "a", "key": "k"}}'
            told = json.loads(await store.request_json(spelled))
            self.assertEqual(told["remembered"]["keys"], ["k"])
            answers = await store.request_all([{"get": ["memories/k"]}, {"get": ["nothing/k"]}])
            assert isinstance(answers[0], dict)
            self.assertEqual(answers[0]["records"][0]["key"], "k")
            self.assertIsInstance(answers[1], UnknownCollection)
            self.assertGreater(await store.ping(), 0)
            welcome = await store.welcome()
            self.assertTrue(welcome.server.startswith("mneme"))
            self.assertGreaterEqual(welcome.largest_response, 64 << 20)

    async def test_long_answers_and_requests(self) -> None:
        async with self.client(credit=65_536) as store:
            await store.define([NOTES])
            text = "tea " * 5_000
            for start in range(0, 90, 30):
                await store.commit(
                    [changes.put("notes", {"text": f"{n} {text}"}, key=str(n))
                     for n in range(start, start + 30)]
                )  # fmt: skip
            found = await store.find("notes", limit=100)
            self.assertEqual(sum(len(record["text"]) > 20_000 for record in found.records), 90)
            with self.assertRaises(TooLarge):
                await store.put("notes", {"data": "x" * (17 << 20)})
            self.assertEqual((await store.count("notes")).count, 90)
        small = self.client(largest_response=100_000)
        async with small:
            await small.define([NOTES])
            await small.commit([changes.put("notes", {"text": text}, key=str(n)) for n in range(9)])
            with self.assertRaises(TooLarge):
                await small.find("notes", limit=100)
            self.assertEqual(len(await small.find("notes", limit=2)), 2)

    async def test_a_watch_that_is_cancelled_or_too_late(self) -> None:
        async with self.client() as store:
            after = await store.watch().begin()
            request = {"watch": {"after": after, "waitMilliseconds": 60_000}}
            with self.assertRaises(DeadlineExceeded):
                await store.request(request, timeout=0.1)
            pending = await store.submit(request)
            pending.cancel()
            with self.assertRaises(MnemeError) as caught:
                await pending.result()
            self.assertEqual(caught.exception.name, "cancelled")

    async def test_a_store_that_must_be_there(self) -> None:
        with self.assertRaises(UnknownStore):
            await AsyncClient(self.server.address, store="none-such", existing=True).open()


if __name__ == "__main__":
    unittest.main()
