// Puts the objects of a file, one a line, into a store, in batches. An error names the file and the
// line; the batches before it stay.

internal import Mneme
internal import MnemeCommandLine

/// What a line becomes.
enum LineTarget: Sendable {
    /// A memory, and the field that its vector is kept in.
    case memories(FieldMapping, vectors: String?)
    /// A record of a collection; the member, if any, that holds its key.
    case records(String, key: String?)
}

/// An import of a file of JSON objects, one a line.
struct LineImport {
    private let path: String
    private let target: LineTarget
    private let vectors: ArrayFile?
    private var changes: [Change] = []
    private var memories: [Remember] = []
    private var firstLine = 0
    private var lastLine = 0
    private var byteCount = 0
    /// How many objects were put.
    private(set) var count = 0

    /// A batch ends at so many objects or bytes of lines.
    static let batchCount = 1000
    static let batchBytes = 4 << 20

    /// An import of a file.
    init(_ path: String, as target: LineTarget, vectors: ArrayFile?) {
        self.path = path
        self.target = target
        self.vectors = vectors
    }

    /// How many lines of a file are not blank.
    ///
    /// - Throws: `Failure` when it cannot be read.
    static func count(_ file: InputFile) throws(Failure) -> Int {
        var lines = InputLines(file)
        var count = 0
        while let line = try lines.next() {
            if !isBlank(line) { count += 1 }
        }
        return count
    }

    /// Puts everything.
    ///
    /// - Throws: `Failure` that names the line, or the lines of the batch, that are wrong.
    mutating func run(
        _ file: InputFile,
        into memory: Memory,
        _ durability: Durability,
        progress: (Int) -> Void
    ) throws(Failure) {
        var lines = InputLines(file)
        while let line = try lines.next() {
            guard !Self.isBlank(line) else { continue }
            do {
                try add(try Self.object(line))
            } catch {
                throw failure("line \(lines.number)", error.message)
            }
            if firstLine == 0 { firstLine = lines.number }
            lastLine = lines.number
            byteCount += line.count
            if memories.count + changes.count == Self.batchCount || byteCount > Self.batchBytes {
                try flush(memory, durability)
                progress(count)
            }
        }
        try flush(memory, durability)
    }

    private static func isBlank(_ line: [UInt8]) -> Bool {
        line.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }

    private static func object(_ line: [UInt8]) throws(Failure) -> Value {
        do {
            return try Value(json: line)
        } catch {
            throw Failure(error.message)
        }
    }

    private mutating func add(_ object: Value) throws(Failure) {
        switch target {
        case .memories(let mapping, let field):
            var memory = try mapping.memory(object)
            if let vectors, let field {
                let row = count + memories.count
                guard row < vectors.rowCount else {
                    throw Failure("the vectors end after row \(vectors.rowCount)")
                }
                memory.vectors[field] = try vectors.floats(rows: row..<(row + 1))
            }
            memories.append(memory)
        case .records(let collection, let key): changes.append(try put(object, collection, key))
        }
    }

    private func put(
        _ object: Value,
        _ collection: String,
        _ keyName: String?
    ) throws(Failure) -> Change {
        guard case .map(var members) = object else {
            throw Failure(
                "an object should be here, and not \(TextFlow.shortened(object.json(), to: 60))"
            )
        }
        guard let keyName else { return .put(Put(collection, nil, members)) }
        let key: Key
        switch members.removeValue(forKey: keyName) {
        case .text(let text)?: key = .text(text)
        case .int(let number)?: key = .int(number)
        case .uuid(let id)?: key = .uuid(id)
        default:
            throw Failure(
                "the member \"\(keyName)\" should hold the key: a text, a whole number or a uuid"
            )
        }
        return .put(Put(collection, key, members))
    }

    private mutating func flush(
        _ memory: Memory,
        _ durability: Durability
    ) throws(Failure) {
        do {
            if !memories.isEmpty {
                _ = try memory.perform(.remember(memories), durability: durability)
            }
            if !changes.isEmpty { _ = try memory.commit(changes, durability) }
        } catch {
            throw failure("lines \(firstLine) to \(lastLine)", error.message)
        }
        count += memories.count + changes.count
        memories = []
        changes = []
        firstLine = 0
        byteCount = 0
    }

    private func failure(_ place: String, _ message: String) -> Failure {
        let before =
            count == 0
            ? "Nothing was imported." : "The \(Figures.count(count)) objects before it stay."
        return Failure(
            "\(path), \(place): \(message)\(message.hasSuffix(".") ? "" : ".") \(before)"
        )
    }
}
