// The protocol of Redis, version 2 (https://redis.io/docs/latest/develop/reference/protocol-spec):
// requests are arrays of texts, answers come in the order of requests.

internal import MnemeBase

/// The protocol of Redis on one connection of a load.
final class RedisSpeech: LoadSpeech {
    private var output: [UInt8] = []
    private var input: [UInt8] = []
    private var place = 0
    private var lastID: UInt32 = 0
    /// Messages without a whole answer, the oldest first.
    private var waiting: [(id: UInt32, replies: Int, count: Int, failure: String?)] = []
    private var firstWaiting = 0
    private var isReady = false
    private var isBroken = false

    func begin() { isReady = true }

    func send(_ message: LoadMessage) throws(LoadRefusal) -> UInt32 {
        guard case .commands(let commands) = message, !commands.isEmpty else {
            throw LoadRefusal(code: "badRequest", message: "these are no commands of Redis")
        }
        for words in commands {
            output += "*\(words.count)\r\n".utf8
            for word in words {
                output += "$\(word.utf8.count)\r\n".utf8
                output += word.utf8
                output += [13, 10]
            }
        }
        lastID &+= 1
        waiting.append((lastID, commands.count, 0, nil))
        return lastID
    }

    func receive(_ bytes: RawSpan) {
        if place * 2 >= input.count {
            input.removeFirst(place)
            place = 0
        }
        input.append(copying: bytes)
    }

    func next() -> LoadEvent? {
        if isReady {
            isReady = false
            return .ready
        }
        while !isBroken, place < input.count {
            var reader = RedisReader(input, place)
            switch reader.reply() {
            case nil: return nil
            case .wrong?:
                isBroken = true
                return .broken("an answer is not of the protocol of Redis")
            case .reply(let count, let failure)?:
                place = reader.place
                guard firstWaiting < waiting.count else {
                    isBroken = true
                    return .broken("an answer came that nobody asked for")
                }
                waiting[firstWaiting].replies -= 1
                waiting[firstWaiting].count += count
                if waiting[firstWaiting].failure == nil { waiting[firstWaiting].failure = failure }
                guard waiting[firstWaiting].replies == 0 else { continue }
                return takeWaiting()
            }
        }
        return nil
    }

    private func takeWaiting() -> LoadEvent {
        let done = waiting[firstWaiting]
        firstWaiting += 1
        if firstWaiting > 64, firstWaiting * 2 > waiting.count {
            waiting.removeFirst(firstWaiting)
            firstWaiting = 0
        }
        guard let failure = done.failure else { return .answered(done.id, count: done.count) }
        let code = failure.split(separator: " ").first.map(String.init) ?? "ERR"
        return .failed(done.id, code: code, message: failure)
    }

    func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }
}

/// Reads answers out of bytes of which the rest may still be under way.
struct RedisReader {
    /// What stands at a place.
    enum Outcome: Equatable {
        /// A whole answer: how many things are in it, and what it says where it is an error.
        case reply(count: Int, failure: String?)
        /// No answer of this protocol.
        case wrong
    }

    private let bytes: [UInt8]
    /// Where the next answer begins.
    private(set) var place: Int

    init(_ bytes: [UInt8], _ place: Int) {
        self.bytes = bytes
        self.place = place
    }

    /// The next answer; nil where it is not whole yet.
    mutating func reply(depth: Int = 0) -> Outcome? {
        guard depth < 8 else { return .wrong }
        guard let line = line() else { return nil }
        guard let kind = line.first else { return .wrong }
        let text = String(decoding: line.dropFirst(), as: UTF8.self)
        switch kind {
        case UInt8(ascii: "+"): return .reply(count: 1, failure: nil)
        case UInt8(ascii: "-"): return .reply(count: 0, failure: text)
        case UInt8(ascii: ":"): return Int(text) == nil ? .wrong : .reply(count: 1, failure: nil)
        case UInt8(ascii: "$"):
            guard let count = Int(text), (-1...(512 << 20)).contains(count) else { return .wrong }
            if count < 0 { return .reply(count: 0, failure: nil) }
            guard bytes.count - place >= count + 2 else { return nil }
            place += count + 2
            return .reply(count: 1, failure: nil)
        case UInt8(ascii: "*"):
            guard let count = Int(text), (-1...(1 << 24)).contains(count) else { return .wrong }
            var total = 0
            var first: String?
            for _ in 0..<max(0, count) {
                switch reply(depth: depth + 1) {
                case .reply(let inside, let failure)?:
                    total += inside
                    first = first ?? failure
                case .wrong?: return .wrong
                case nil: return nil
                }
            }
            return .reply(count: total, failure: first)
        default: return .wrong
        }
    }

    /// A line without its end; nil where the end is not there.
    private mutating func line() -> ArraySlice<UInt8>? {
        var end = place
        while end + 1 < bytes.count {
            if bytes[end] == 13, bytes[end + 1] == 10 {
                defer { place = end + 2 }
                return bytes[place..<end]
            }
            end += 1
        }
        return nil
    }
}
