import Foundation
import Mneme
import MnemeBase
import MnemeCommandLine
import Testing

@testable import MnemeBench

/// Scenario files: those of the project, and what is refused.
@Suite struct LoadScenarioTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Benchmarks/scenarios")
    static let names: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".json") }.sorted()

    private static func path(_ name: String) -> String {
        folder.appendingPathComponent(name).path
    }

    @Test func allAreHere() {
        let ycsb = "abcdef".map { "ycsb-\($0).json" }
        let others = [
            "call-me-back.json", "flood.json", "gets.json", "layered-memory.json",
            "loyal-companion.json", "memory-orchestrator.json", "puts.json", "soulstream.json",
        ]
        #expect(Self.names == others + ycsb)
    }

    /// Every operation makes what its database takes: requests that decode, whole statements.
    @Test(arguments: LoadScenarioTests.names, [LoadEngine.mneme, .postgresql])
    func whatTheyAskIsWell(_ name: String, _ engine: LoadEngine) throws {
        let scenario = try LoadScenario(Self.path(name), for: engine, scale: 0.01)
        let target = ScenarioWork.Target(store: "x")
        let chance = SeededRandomness(seed: 1)
        let filling = ScenarioWork(scenario, .filling, target)
        var count = 0
        while let task = try filling.next(chance) {
            #expect(!task.messages.isEmpty)
            count += 1
        }
        #expect(count == scenario.counts.reduce(0, +))
        #expect(try operations(of: .mix, scenario) == Set(scenario.operations.indices))
        guard let flood = scenario.flood else { return }
        #expect(try operations(of: .flood, scenario) == Set(flood.operations.indices))
    }

    /// Those that a thousand tasks are of.
    private func operations(
        of part: ScenarioWork.Part,
        _ scenario: LoadScenario
    ) throws -> Set<Int> {
        let work = ScenarioWork(scenario, part, ScenarioWork.Target(store: "x"))
        let chance = SeededRandomness(seed: 2)
        var seen: Set<Int> = []
        for _ in 0..<1000 {
            let task = try #require(try work.next(chance))
            #expect(!task.messages.isEmpty)
            seen.insert(task.operation)
        }
        return seen
    }

    private func flood(connections: Int = 2, depth: Int = 3, name: String = "f") -> String {
        """
        {"name": "s", "about": "…",
         "operations": [{"name": "o", "share": 1, "mneme": {"get": ["notes/1"]}}],
         "flood": {"connections": \(connections), "depth": \(depth),
            "operations": [{"name": "\(name)", "share": 1, "mneme": {"get": ["notes/2"]}}]}}
        """
    }

    @Test func aFloodIsReadAndChecked() throws {
        let scenario = try read(flood())
        #expect(scenario.flood?.connections == 2)
        #expect(scenario.flood?.depth == 3)
        #expect(scenario.flood?.operations.map(\.name) == ["f"])
        for text in [flood(connections: 0), flood(depth: 257), flood(name: "all")] {
            #expect(throws: Failure.self) { _ = try read(text) }
        }
    }

    @Test func whatIsAskedByKeysIsForRedisToo() throws {
        let names = ["gets.json", "puts.json"] + Self.names.filter { $0.hasPrefix("ycsb") }
        for name in names {
            let scenario = try LoadScenario(Self.path(name), for: .redis, scale: 0.01)
            #expect(try !operations(of: .mix, scenario).isEmpty)
        }
    }

    private func read(_ text: String, for engine: LoadEngine = .mneme) throws -> LoadScenario {
        let path = NSTemporaryDirectory() + "scenario-\(UUID().uuidString).json"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try LoadScenario(path, for: engine, scale: 1)
    }

    private func operation(_ members: String) -> String {
        """
        {"name": "s", "about": "…", "fill": [{"name": "notes", "count": 10,
            "mneme": {"get": ["notes/${number}"]}}],
         "operations": [{"name": "o", "share": 1, \(members)}]}
        """
    }

    @Test func valuesTakeTheirPlaces() throws {
        let scenario = try read(
            operation(
                """
                "with": {"id": {"next": "notes"}, "half": {"of": "id", "divided": 2},
                         "at": {"of": "id", "instant": true}},
                "mneme": {"commit": {"changes": [{"put": {"collection": "notes", "key": "$id",
                    "fields": {"a": "${id} of $x", "b": "$half", "c": "$at", "d": "$none"}}}]}}
                """
            )
        )
        let work = ScenarioWork(scenario, .mix, ScenarioWork.Target(store: "x"))
        let task = try #require(try work.next(SeededRandomness(seed: 1)))
        guard case .request(.commit(let changes, _)) = task.messages[0],
            case .put(let put) = changes[0]
        else {
            Issue.record("\(task.messages)")
            return
        }
        #expect(put.key == .int(10))
        #expect(put.fields["a"] == "10 of $x")
        #expect(put.fields["b"] == 5)
        #expect(put.fields["c"] == .instant(try #require(Instant("2025-01-01T00:00:10Z"))))
        #expect(put.fields["d"] == "$none")
        #expect(task.made?.number == 10)
    }

    @Test func statementsHaveNumbersForNames() throws {
        let statement = try LoadStatement(
            "select $b, '$[0]' where a = $a and b = $b::text",
            names: ["a", "b"]
        )
        #expect(statement.text == "select $1, '$[0]' where a = $2 and b = $1::text")
        #expect(statement.parameters == [1, 0])
    }

    @Test(
        arguments: [
            ("\"mneme\": {\"get\": [\"notes/${id}\"]}", "the name id"),
            ("\"mneme\": {\"fetch\": []}, \"often\": 1", "often"),
            ("\"with\": {\"id\": {\"uniform\": \"books\"}}, \"mneme\": {\"get\": []}", "\"fill\""),
            ("\"with\": {\"id\": {\"some\": 1}}, \"mneme\": {\"get\": []}", "none of"),
            ("\"with\": {\"id\": {\"of\": \"x\"}}, \"mneme\": {\"get\": []}", "the name x"),
            ("\"with\": {\"a1\": {\"words\": 3}}, \"mneme\": {\"get\": []}", "no name"),
            ("\"with\": {\"a\": {\"words\": 0}}, \"mneme\": {\"get\": []}", "from 1 to"),
            ("\"redis\": [\"GET\", \"a\"]", "for mneme"),
        ]
    )
    func whatIsWrongIsNamed(_ members: String, _ word: String) {
        let error = #expect(throws: Failure.self) { _ = try read(operation(members)) }
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
    }

    @Test func whatIsNoRequestIsNamedWhenItIsMade() throws {
        let scenario = try read(operation("\"mneme\": {\"fetch\": []}"))
        let work = ScenarioWork(scenario, .mix, ScenarioWork.Target(store: "x"))
        #expect(throws: Failure.self) { try work.next(SeededRandomness(seed: 1)) }
    }

    @Test func theLatestIsThere() {
        var counters = LoadCounters([10])
        let draw = LoadDraw.latest(counter: 0, Zipfian(10))
        let chance = SeededRandomness(seed: 2)
        let taken = [counters.take(0), counters.take(0)]
        #expect(taken == [10, 11])
        counters.note(11, of: 0)
        #expect(counters.there == [10])
        for _ in 0..<100 {
            let value = draw.value(chance, &counters, number: 0, before: [])
            #expect((0..<10).contains(value.int ?? -1))
        }
        counters.note(10, of: 0)
        #expect(counters.there == [12])
    }
}
