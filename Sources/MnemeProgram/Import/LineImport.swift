// Puts the objects of a file, one a line, into a store, in batches. An error names the file and the
// line; what stands before that line is put and stays, and nothing behind it is: so one batch is
// under way at a time, also over a connection.

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
    /// What is read and not put yet, one of the two, and the lines that it stood on.
    private var changes: [Change] = []
    private var memories: [Remember] = []
    private var lineNumbers: [Int] = []
    private var byteCount = 0
    /// How many objects were put.
    private(set) var count = 0

    /// Objects, and about how many bytes, in a batch.
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

    /// Puts everything, or everything before the first line that is wrong.
    ///
    /// - Throws: `Failure` that names the line.
    mutating func run(
        _ file: InputFile,
        into memory: any BlockingDoor,
        _ durability: Durability?,
        progress: (Int) -> Void
    ) throws(Failure) {
        var lines = InputLines(file)
        while let line = try lines.next() {
            guard !Self.isBlank(line) else { continue }
            do {
                try add(try Self.object(line))
            } catch {
                try flush(memory, durability)
                throw failure("line \(lines.number)", error.message, error.code)
            }
            lineNumbers.append(lines.number)
            byteCount += line.count
            if lineNumbers.count == Self.batchCount || byteCount > Self.batchBytes {
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
            throw Failure(error.message, code: error.code)
        }
    }

    private mutating func add(_ object: Value) throws(Failure) {
        switch target {
        case .memories(let mapping, let field):
            var memory = try mapping.memory(object)
            if let vectors, let field {
                let row = count + lineNumbers.count
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

    /// Puts what is read.
    private mutating func flush(
        _ memory: any BlockingDoor,
        _ durability: Durability?
    ) throws(Failure) {
        guard !lineNumbers.isEmpty else { return }
        if count == 0, let vectors, case .memories(_, let field?) = target {
            do {
                try VectorColumn(field, of: vectors).define(in: memory, before: memories[0])
            } catch {
                throw failure("line \(lineNumbers[0])", error.message, error.code)
            }
        }
        try put(lineNumbers.indices, memory, durability)
        memories = []
        changes = []
        lineNumbers = []
        byteCount = 0
    }

    /// Puts some of what is read; where the store refuses it, in halves, so that everything before
    /// the line that is refused is put, and that line named.
    private mutating func put(
        _ range: Range<Int>,
        _ memory: any BlockingDoor,
        _ durability: Durability?
    ) throws(Failure) {
        let refusal: MnemeError
        do {
            if !memories.isEmpty {
                let batch = Array(memories[range])
                _ = try memory.perform(.remember(batch), durability: durability)
            } else {
                _ = try memory.commit(Array(changes[range]), durability ?? .synced)
            }
            count += range.count
            return
        } catch {
            refusal = error
        }
        guard refusal.action == .fixInput, range.count > 1 else {
            let (first, last) = (lineNumbers[range.lowerBound], lineNumbers[range.upperBound - 1])
            throw failure(
                first == last ? "line \(first)" : "lines \(first) to \(last)",
                refusal.message,
                refusal.code
            )
        }
        let middle = range.lowerBound + range.count / 2
        try put(range.lowerBound..<middle, memory, durability)
        try put(middle..<range.upperBound, memory, durability)
    }

    private func failure(
        _ place: String,
        _ message: String,
        _ code: MnemeError.Code
    ) -> Failure {
        let before =
            switch count {
            case 0: "Nothing was imported."
            case 1: "The object before it stays."
            default: "The \(Figures.count(count)) objects before it stay."
            }
        // A line of its own is line 1 of its JSON.
        let mark = "JSON, line 1, "
        let what =
            message.hasPrefix(mark) ? ", \(message.dropFirst(mark.count))" : ": \(message)"
        return Failure(
            "\(path), \(place)\(what)\(message.hasSuffix(".") ? "" : ".") \(before)",
            code: code
        )
    }
}
