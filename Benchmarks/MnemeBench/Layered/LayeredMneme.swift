// Mneme with the schema of the layered service as it ships, asked through views: every field that
// the peer copies is copied.

internal import Foundation
internal import Mneme
internal import MnemeCommandLine

/// Mneme, embedded.
final class LayeredMneme: LayeredEngine {
    let name = "Mneme"
    let memory: Memory
    private let shape: RecordShape
    private var prepared: [LayeredQuestion: PreparedFind] = [:]

    private static let names = LayeredMemories.columns.map(\.name)

    /// Makes a store with so many memories, their vectors, and as many edges as are asked for.
    ///
    /// - Throws: as `Memory`; `Failure` for a file that is no schema.
    init(_ memory: Memory, schema path: String, edges: Int, count: Int) throws {
        self.memory = memory
        let bytes = try InputFile(path).readAll()
        var service = try Schema(spelling: try Value(json: bytes))
        guard
            let place = service.collections.firstIndex(where: {
                $0.name == LayeredMemories.collection
            })
        else { throw Failure("\(path) has no collection \(LayeredMemories.collection).") }
        // The layer that counts is kept; SQLite works it out for each row.
        service.collections[place].fields.append(
            Field(
                "primary_layer",
                .text,
                generated: try Expression(
                    "case when layer_session then 'session' when layer_project then 'project' "
                        + "when layer_global then 'global' when layer_temporal then 'temporal' end"
                )
            )
        )
        // For what is asked here, beside those that the schema has.
        service.collections[place].indexes += [
            Index(
                "bench_created",
                on: ["user_id", IndexField("created_at", descending: true)]
            ),
            Index("bench_type", on: ["user_id", "memory_type"]),
            Index("bench_context", on: ["user_id", IndexField("context_json", contains: true)]),
        ]
        try memory.define(service)
        shape = try memory.shape(LayeredMemories.collection, Self.names)
        try fill(count, edges)
        try memory.checkpoint()
    }

    // MARK: Filling

    private func fill(_ count: Int, _ edges: Int) throws {
        try LayeredMemories.putOthers(in: memory)
        let memories = LayeredMemories()
        var meter = ProgressMeter("Mneme", unit: "memories", total: count)
        defer { meter.finish() }
        for first in stride(from: 0, to: count, by: 1000) {
            let end = min(first + 1000, count)
            var changes: [Change] = (first..<end).map { number in
                var fields = memories.fields(number)
                fields["embedding"] = .vector(memories.vector(number))
                let key = Key.text(LayeredMemories.key(number))
                return .put(Put(LayeredMemories.collection, key, fields))
            }
            for number in first..<end {
                changes += LayeredMemories.links(number, edges).map { .link($0) }
            }
            _ = try memory.commit(changes, .none)
            meter.advance(to: end)
        }
    }

    // MARK: Asking

    func ask(_ question: LayeredQuestion, _ answer: LayeredAnswer) throws {
        answer.clear()
        let owner = LayeredMemories.user(question.user)
        if question.kind == .groups {
            let counted = try memory.count(
                Count(LayeredMemories.collection, owner: owner, by: ["memory_type"])
            )
            for row in counted.rows {
                guard case .int(let count)? = row["count"] else { continue }
                answer.groups[row["memory_type"]?.text ?? ""] = Int(count)
            }
            return
        }
        let find: PreparedFind
        if let known = prepared[question.anybodys] {
            find = known
        } else {
            find = try memory.prepare(self.find(question))
            prepared[question.anybodys] = find
        }
        for view in try memory.views(find, owner: owner) {
            take(view, &answer.rows[answer.next()])
        }
    }

    private func find(_ question: LayeredQuestion) -> Find {
        var find = Find(
            LayeredMemories.collection,
            limit: LayeredQuestion.limit,
            select: .fields(Self.names)
        )
        let newest = [Order("created_at", descending: true)]
        switch question.kind {
        case .layered50:
            find.filter = .and([
                .eq("is_archived", false),
                .or([.eq("layer_project", true), .eq("layer_global", true)]),
                .compare(field: "importance_score", .gt(0.3)),
            ])
            find.order = [
                Order("importance_score", descending: true),
                Order("last_accessed_at", descending: true),
            ]
        case .newest50, .groups: find.order = newest
        case .compound50:
            let project = LayeredMemories.project(question.user, question.project)
            find.filter = .and([
                .eq("project_id", .text(project)),
                .eq("memory_type", .text(LayeredMemories.types[question.type])),
                .compare(field: "importance_score", .gt(0.5)),
            ])
            find.order = [Order("importance_score", descending: true)]
        case .tag50:
            find.filter = .compare(
                field: "tags",
                .any([.text(LayeredMemories.tag(question.tag))])
            )
            find.order = newest
        case .containment50:
            let wanted: Value = [
                "language": .text(LayeredMemories.languages[question.language]),
                "framework": .text(LayeredMemories.frameworks[question.framework]),
            ]
            find.filter = .compare(field: "context_json", .contains(wanted))
            find.order = newest
        }
        return find
    }

    private func take(_ view: RecordView, _ row: inout LayeredAnswer.Row) {
        if case .text(let key) = view.key { row.key.take(key) }
        for (slot, kind) in LayeredMemories.kinds.enumerated() {
            switch kind {
            case .real: row.reals[slot] = view.float(slot) ?? 0
            case .integer: row.numbers[slot] = view.int(slot) ?? 0
            case .flag: row.numbers[slot] = view.bool(slot) == true ? 1 : 0
            case .instant: row.numbers[slot] = view.instant(slot)?.microseconds ?? 0
            case .text: row.texts[slot].fill { view.copyText(slot, to: &$0) }
            case .json: row.texts[slot].fill { view.copyEncoded(slot, to: &$0) }
            }
        }
    }
}

extension LayeredQuestion {
    /// The question with nobody in it where its preparation does not depend on who is meant.
    var anybodys: LayeredQuestion {
        var question = self
        if kind != .compound50 { question.user = 0 }
        return question
    }
}
