// The protocol of PostgreSQL, version 3 (https://www.postgresql.org/docs/15/protocol.html): who is
// trusted begins at once, statements are prepared once, and then each message is a bind, an execute
// and a sync. Parameters and rows are texts. Answers come in the order of messages.

internal import MnemeBase

/// A statement to be prepared, with the types of its parameters by their numbers in `pg_type`.
struct PostgresStatement {
    var text: String
    var types: [UInt32]
}

/// The protocol of PostgreSQL on one connection of a load.
final class PostgresSpeech: LoadSpeech {
    private enum Stage { case greeting, preparing, ready, broken }

    private let user: String
    private let database: String
    private let statements: [PostgresStatement]
    private let waitsForDisk: Bool
    private var stage = Stage.greeting
    private var output: [UInt8] = []
    private var input: [UInt8] = []
    private var place = 0
    private var lastID: UInt32 = 0
    private var waiting: [UInt32] = []
    private var firstWaiting = 0
    /// Of the message that is being answered.
    private var count = 0
    private var failure: (code: String, message: String)?

    /// Prepares the statements, which messages name by their numbers.
    ///
    /// `waitsForDisk`: whether commits wait as the server has them; where not, it is told so
    /// (`synchronous_commit`).
    init(
        user: String,
        database: String,
        statements: [PostgresStatement],
        waitsForDisk: Bool = true
    ) {
        self.user = user
        self.database = database
        self.statements = statements
        self.waitsForDisk = waitsForDisk
    }

    func begin() {
        var body = Self.bytes(of: UInt32(196_608))
        var words = ["user", user, "database", database, "client_encoding", "UTF8"]
        if !waitsForDisk { words += ["synchronous_commit", "off"] }
        for word in words { body += "\(word)\0".utf8 }
        body.append(0)
        output += Self.bytes(of: UInt32(body.count + 4)) + body
    }

    func send(_ message: LoadMessage) throws(LoadRefusal) -> UInt32 {
        switch message {
        case .statement(let number, let parameters):
            var bind: [UInt8] = [0]
            bind += "s\(number)\0".utf8
            bind += Self.bytes(of: UInt16(0))
            bind += Self.bytes(of: UInt16(parameters.count))
            for parameter in parameters {
                guard let parameter else {
                    bind += Self.bytes(of: UInt32.max)
                    continue
                }
                bind += Self.bytes(of: UInt32(parameter.utf8.count))
                bind += parameter.utf8
            }
            bind += Self.bytes(of: UInt16(0))
            put("B", bind)
            put("E", [0, 0, 0, 0, 0])
            put("S", [])
        case .script(let text): put("Q", Array("\(text)\0".utf8))
        default:
            throw LoadRefusal(code: "badRequest", message: "this is no statement of PostgreSQL")
        }
        lastID &+= 1
        waiting.append(lastID)
        return lastID
    }

    func receive(_ bytes: RawSpan) {
        if place > 0 {
            input.removeFirst(place)
            place = 0
        }
        input.append(copying: bytes)
    }

    func next() -> LoadEvent? {
        while stage != .broken {
            guard input.count - place >= 5 else { return nil }
            let length = Int(Self.number(input[(place + 1)..<(place + 5)]))
            guard length >= 4, length < 1 << 30 else { return fail("a message has no length") }
            guard input.count - place > length else { return nil }
            let body = input[(place + 5)..<(place + 1 + length)]
            let kind = input[place]
            place += 1 + length
            if let event = take(kind, body) { return event }
        }
        return nil
    }

    private func take(_ kind: UInt8, _ body: ArraySlice<UInt8>) -> LoadEvent? {
        switch kind {
        case UInt8(ascii: "R"):
            guard body.count >= 4, Self.number(body.prefix(4)) == 0 else {
                return fail("it asks for a password; let the load in by \"trust\"")
            }
        case UInt8(ascii: "C"):
            // "SELECT 3", "UPDATE 1", "INSERT 0 1", "CREATE TABLE".
            let words = String(decoding: body.dropLast(), as: UTF8.self).split(separator: " ")
            count += words.last.flatMap { Int($0) } ?? 1
        case UInt8(ascii: "E"):
            let fields = body.split(separator: 0)
            func field(_ name: Character) -> String {
                let field = fields.first { $0.first == name.asciiValue }
                return field.map { String(decoding: $0.dropFirst(), as: UTF8.self) } ?? ""
            }
            failure = failure ?? (field("C"), field("M"))
        case UInt8(ascii: "Z"): return synced()
        default: break
        }
        guard stage != .ready, let failure else { return nil }
        return fail(failure.message)
    }

    /// The end of what was sent up to a sync.
    private func synced() -> LoadEvent? {
        switch stage {
        case .greeting where !statements.isEmpty:
            stage = .preparing
            for (number, statement) in statements.enumerated() {
                var parse = Array("s\(number)\0\(statement.text)\0".utf8)
                parse += Self.bytes(of: UInt16(statement.types.count))
                for type in statement.types { parse += Self.bytes(of: type) }
                put("P", parse)
            }
            put("S", [])
            return nil
        case .greeting, .preparing:
            stage = .ready
            return .ready
        case .broken: return nil
        case .ready:
            guard firstWaiting < waiting.count else {
                return fail("an answer came that nobody asked for")
            }
            let id = waiting[firstWaiting]
            firstWaiting += 1
            if firstWaiting > 64, firstWaiting * 2 > waiting.count {
                waiting.removeFirst(firstWaiting)
                firstWaiting = 0
            }
            defer {
                count = 0
                failure = nil
            }
            guard let failure else { return .answered(id, count: count) }
            return .failed(id, code: failure.code, message: failure.message)
        }
    }

    func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    private func fail(_ reason: String) -> LoadEvent {
        stage = .broken
        return .broken("PostgreSQL: \(reason)")
    }

    private func put(_ kind: Character, _ body: [UInt8]) {
        output.append(kind.asciiValue ?? 0)
        output += Self.bytes(of: UInt32(body.count + 4))
        output += body
    }

    /// A number as the network has it.
    private static func bytes<Number: FixedWidthInteger>(of number: Number) -> [UInt8] {
        (0..<Number.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    private static func number(_ bytes: some Sequence<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
}
