// What the memories of the layered service take on disk: text, one vector, edges, and more than one
// version each, after everything that is done behind commits has been done.

internal import Foundation
internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// One store of memories that is filled, settled, closed and weighed.
struct LayeredDisk {
    /// How many memories.
    let count: Int
    /// Edges of each to earlier ones.
    let edges: Int
    /// Versions of each: the first is put, each later one changes a sentence and the importance.
    let versions: Int
    /// How a vector's components are kept.
    let element: VectorElement
    /// Texts that memories have in the place of made ones; none for made ones.
    let texts: [String]

    /// Bytes of text that a memory has where texts are given.
    private static let textBytes = 2000

    /// Fills a store at a path, settles it, closes it, and says what its files take.
    ///
    /// - Throws: as `Memory`; `Failure` for a file that is no schema.
    func row(at path: String, schema: String) throws -> [(String, Figure)] {
        let memory = try Memory.open(path, options: MemoryOptions.withoutEmbedder)
        try memory.define(try definition(schema))
        try LayeredMemories.putOthers(in: memory)
        var meter = ProgressMeter("\(element)", unit: "memories", total: count * versions)
        var plain = 0
        for version in 0..<versions {
            for first in stride(from: 0, to: count, by: 250) {
                let numbers = first..<min(first + 250, count)
                var changes: [Change] = []
                for number in numbers {
                    let fields = fields(number, version)
                    if version == versions - 1 { plain += Self.byteCount(fields) }
                    let key = Key.text(LayeredMemories.key(number))
                    changes.append(.put(Put(LayeredMemories.collection, key, fields)))
                }
                if version == 0 {
                    for number in numbers {
                        changes += LayeredMemories.links(number, edges).map { .link($0) }
                    }
                }
                _ = try memory.commit(changes, .none)
                meter.advance(to: version * count + numbers.upperBound)
            }
        }
        meter.finish()
        try memory.checkpoint()
        let filled = Self.files(path)
        // Who still looks at an older state, as the work behind may, holds up what is to go.
        for _ in 0..<600 {
            if try memory.compact() { break }
            Thread.sleep(forTimeInterval: 0.1)
        }
        try memory.checkpoint()
        try memory.close()
        let settled = Self.files(path)
        return [
            ("event", .word("disk")), ("element", .word(element.rawValue)),
            ("memories", .count(count)), ("versions", .count(versions)), ("edges", .count(edges)),
            ("plainBytes", .count(plain)), ("filledBytes", .count(filled.log + filled.pages)),
            ("logBytes", .count(settled.log)), ("pageBytes", .count(settled.pages)),
            ("bytes", .count(settled.log + settled.pages)),
            ("bytesPerMemory", .count((settled.log + settled.pages) / count)),
        ]
    }

    /// The schema with versions kept, and vectors of the kind that is measured.
    private func definition(_ path: String) throws -> Schema {
        var service = try Schema(spelling: try Value(json: try InputFile(path).readAll()))
        for index in service.collections.indices
        where service.collections[index].name == LayeredMemories.collection {
            if versions > 1 { service.collections[index].history = HistoryRule() }
            for field in service.collections[index].fields.indices {
                guard case .vector(var vector) = service.collections[index].fields[field].type
                else { continue }
                vector.element = element
                service.collections[index].fields[field].type = .vector(vector)
            }
        }
        return service
    }

    private func fields(_ number: Int, _ version: Int) -> [String: Value] {
        let memories = LayeredMemories()
        var fields = memories.fields(number)
        fields["embedding"] = .vector(memories.vector(number))
        var text = texts.isEmpty ? fields["content"]?.text ?? "" : self.text(number)
        if version > 0 {
            let seed = UInt64(number) &* 1_000_003 &+ UInt64(version)
            text += " " + MadeText.sentence(seed, words: 12)
            let share = Double(seed % 1000) / 1000
            fields["importance_score"] = .float(share)
        }
        fields["content"] = .text(text)
        return fields
    }

    /// Neighbouring texts, as many as make a memory.
    private func text(_ number: Int) -> String {
        var text = ""
        var next = number &* 7919
        while text.utf8.count < Self.textBytes {
            text += (text.isEmpty ? "" : " ") + texts[next % texts.count]
            next += 1
        }
        return text
    }

    /// Bytes of a memory's text and metadata as JSON, without its vector.
    private static func byteCount(_ fields: [String: Value]) -> Int {
        var fields = fields
        fields.removeValue(forKey: "embedding")
        return Value.map(fields).json().utf8.count
    }

    /// Bytes of the log, without segments that are ready and empty, and of the page file.
    private static func files(_ path: String) -> (log: Int, pages: Int) {
        func byteCount(_ name: String) -> Int {
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
            return (attributes?[.size] as? Int) ?? 0
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/log")) ?? []
        let log = names.filter { name in
            // A spare has no header yet.
            let file = FileHandle(forReadingAtPath: "\(path)/log/\(name)")
            defer { try? file?.close() }
            let head = try? file?.read(upToCount: 4096)
            return head?.contains { $0 != 0 } ?? false
        }
        return (log.reduce(0) { $0 + byteCount("log/\($1)") }, byteCount("pages"))
    }
}

extension LayeredMemories {
    /// Puts users, projects and sessions, which memories name.
    ///
    /// - Throws: as `Memory.commit`.
    static func putOthers(in memory: Memory) throws {
        var changes: [Change] = []
        for user in 0..<userCount {
            let id = Self.user(user)
            changes.append(.put(Put("users", .text(id), ["username": .text(id)])))
            for project in 0..<projectCount {
                let key = Self.project(user, project)
                let fields: [String: Value] = ["user_id": .text(id), "name": .text(key)]
                changes.append(.put(Put("projects", .text(key), fields)))
            }
            for session in 0..<sessionCount {
                let key = Self.session(user, session)
                let fields: [String: Value] = ["user_id": .text(id), "name": .text(key)]
                changes.append(.put(Put("work_sessions", .text(key), fields)))
            }
        }
        _ = try memory.commit(changes, .none)
    }

    /// The edges of a memory to earlier ones.
    static func links(_ number: Int, _ edges: Int) -> [Link] {
        func reference(_ number: Int) -> Reference {
            Reference(collection, .text(key(number)))
        }
        return (0..<edges).filter { number > $0 }
            .map { edge in
                Link(
                    "relates_to",
                    from: reference(number),
                    to: reference((number &* 31 &+ edge &* 7907) % number),
                    fields: ["strength": 0.5],
                    mode: .replace
                )
            }
    }
}
