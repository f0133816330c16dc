// Vectors of edges where those of records are looked after: graphs and how well they find, models
// and recalls, salvage, usage, and questions that they cannot be asked.

import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeStore

@Suite struct EdgeVectorTests {
    private static func schema(_ recall: Double? = nil) -> Schema {
        var vector = VectorType(dimension: 8)
        vector.recall = recall
        return Schema(
            collections: [
                Collection("notes", fields: [Field("meaning", .vector(VectorType(dimension: 8)))])
            ],
            edgeTypes: [
                EdgeType(
                    "cites",
                    fields: [Field("meaning", .vector(vector)), Field("n", .int)],
                    countsUsage: true
                )
            ]
        )
    }

    private static func vector(_ number: Int) -> [Float] {
        let random = SeededRandomness(seed: UInt64(number))
        return (0..<8).map { _ in Float(random.below(2001)) / 1000 - 1 }
    }

    private static func note(_ number: Int) -> Reference { Reference("notes", .text("\(number)")) }

    private static func link(_ number: Int) -> Change {
        let fields: [String: Value] = [
            "meaning": .vector(vector(number)), "n": .int(Int64(number)),
        ]
        return .link(Link("cites", from: note(number % 5), to: note(number % 7), fields: fields))
    }

    /// A store of seven notes and so many edges.
    private static func store(_ count: Int, _ disk: any Disk = MemoryDisk()) throws -> Store {
        var options = Kinds.options(disk)
        options.graphLeast = 100
        let store = try Store.open("store", options: options)
        try store.define(schema())
        _ = try store.commit(
            (0..<7).map { .put(Put("notes", .text("\($0)"), ["meaning": .vector(vector($0))])) }
        )
        if count > 0 { _ = try store.commit((0..<count).map(link)) }
        return store
    }

    private static func nearest(_ store: Store, _ number: Int) throws -> [Value?] {
        var find = Find(edges: "cites", limit: 1)
        find.near = Near("meaning", vector(number))
        return try store.snapshot().find(find).edges.map { $0.fields["n"] }
    }

    @Test func edgesHaveAGraphOfTheirOwn() throws {
        let store = try Self.store(400)
        try store.settleGraphs()
        func checked(_ question: VectorQuestion) throws -> [VectorsChecked.Field] {
            try store.checkVectors(question).fields
        }
        let field = try #require(try checked(VectorQuestion(edges: "cites", sample: 20)).first)
        #expect(field.collection == "cites" && field.isOfEdges && field.name == "meaning")
        #expect(field.vectors == 400 && field.nodes == 400 && field.fresh == 0)
        #expect(field.asked == .records && field.sample == 20 && field.ways.count > 1)
        #expect(field.inUse.recall > 0.8)
        // Fields of collections and types are told apart, and both are asked where nobody says.
        #expect(try checked(VectorQuestion()).map(\.isOfEdges) == [true, false])
        #expect(try checked(VectorQuestion(field: "meaning")).count == 2)
        #expect(try checked(VectorQuestion(collection: "notes")).map(\.isOfEdges) == [false])
        for number in [3, 77, 399] {
            #expect(try Self.nearest(store, number) == [.int(Int64(number))])
        }
        // What goes leaves no node.
        var find = Find(edges: "cites", where: .compare(field: "n", .lt(150)), limit: 1_000)
        find.select = []
        let gone = try store.snapshot().find(find).edges.map(\.id)
        #expect(gone.count == 150)
        _ = try store.commit(gone.map { $0 % 2 == 0 ? .unlink($0) : .eraseEdge($0) })
        #expect(try Self.nearest(store, 77) != [77])
        #expect(try store.eraseNow())
        let left = try #require(try checked(VectorQuestion(edges: "cites", sample: 5)).first)
        #expect(left.vectors == 250 && left.gone == 0)
        #expect(try store.verify().findings == [])
    }

    @Test func whatIsWithdrawnTakesItsEdgesOutOfSight() throws {
        let store = try Self.store(20)
        let delete = DeleteWhere("notes", where: .eq(PseudoField.key, "3"))
        #expect(try store.deleteWhere(delete).count == 1)
        var find = Find(edges: "cites", limit: 100)
        find.near = Near("meaning", Self.vector(3))
        let found = try store.snapshot().find(find).edges.compactMap { $0.fields["n"]?.int }
        #expect(found.sorted() == (0..<20).filter { $0 % 5 != 3 && $0 % 7 != 3 })
        try store.sweep()
        #expect(try store.snapshot().find(find).edges.count == found.count)
        #expect(try store.verify().findings == [])
    }

    @Test func whatIsAskedOfVectorsThatEdgesLackIsRefused() throws {
        let store = try Self.store(3)
        let bad: [(MnemeError.Code, VectorQuestion)] = [
            (.unknownEdgeType, VectorQuestion(edges: "notes")),
            (.unknownField, VectorQuestion(edges: "cites", field: "n")),
        ]
        for (code, question) in bad {
            try expectRefusal(code, leaving: store) { _ = try store.checkVectors(question) }
        }
        try expectRefusal(.badRequest, "type of edges", "define another", leaving: store) {
            let change = VectorSwitch("cites", "meaning", to: "other", keepingOldAs: "old")
            try store.switchVector(change)
        }
    }

    @Test func theRecallOfEdgesMayChange() throws {
        let store = try Self.store(3)
        try store.define(Self.schema(0.99))
        #expect(store.snapshot().schema == Self.schema(0.99))
        // One that says nothing of it leaves it.
        try store.define(Self.schema())
        #expect(store.snapshot().schema == Self.schema(0.99))
        try store.define(Self.schema(0))
        #expect(store.snapshot().schema == Self.schema())
        try expectRefusal(.schemaConflict, "recall", leaving: store) {
            let fields = [Field("meaning", .vector(VectorType(dimension: 9))), Field("n", .int)]
            try store.define(Schema(edgeTypes: [EdgeType("cites", fields: fields)]))
        }
        #expect(try store.verify().findings == [])
    }

    @Test func aSalvageBringsVectorsOut() throws {
        let disk = MemoryDisk()
        let store = try Self.store(12, disk)
        let before = try Picture(store)
        try store.close()
        let report = try Salvage(of: "store", to: "new", options: Kinds.options(disk)).run()
        #expect(report.edges["cites"] == 12 && report.leftOutCount == 0)
        let saved = try Store.open("new", .open, options: Kinds.options(disk))
        let after = try Picture(saved)
        #expect(after.records.count == before.records.count)
        let numbers = Set(after.edges.map { $0.fields["n"] })
        #expect(numbers.count == 12)
        for number in 0..<12 {
            #expect(try Self.nearest(saved, number) == [.int(Int64(number))])
        }
        #expect(try saved.verify().findings == [])
    }

    @Test func usageCountsTheBytesOfVectors() throws {
        let store = try Self.store(0)
        func bytes() throws -> Int {
            try store.snapshot().usage(UsageQuestion()).edges["cites"]?.bytes ?? 0
        }
        let without = Link("cites", from: Self.note(0), to: Self.note(1), fields: ["n": 1])
        _ = try store.commit([.link(without)])
        let plain = try bytes()
        var with = without
        with.fields["meaning"] = .vector(Self.vector(1))
        let outcome = try store.commit([.link(with)]).outcomes[0]
        #expect(try bytes() == 2 * plain + 32)
        let edge = try #require(outcome.madeEdge)
        _ = try store.commit([.unlink(edge)])
        #expect(try bytes() == plain)
        #expect(try store.verify().findings == [])
    }
}
