// What is done with a stranger's bytes: the decoders and both session machines, each held against
// what must be true whatever the bytes are. The first byte chooses the target (its rest by 5), of a
// body the second one its kind (the low byte of its opcode, so that what is kept keeps its meaning
// as kinds are added); what follows is the input. Tests replay the corpus and mutations of it;
// tools/fuzz runs the same under libFuzzer.

package import MnemeBase
internal import MnemeModel
internal import MnemeWire

/// The fuzzed entry points.
package enum WireFuzz {
    /// How many targets there are.
    package static let targetCount = 5

    /// Runs one input and says what did not hold; nil where all did.
    package static func run(_ input: [UInt8]) -> String? {
        guard let first = input.first else { return nil }
        let bytes = Array(input.dropFirst())
        switch Int(first) % targetCount {
        case 0: return frame(bytes)
        case 1:
            guard let byte = bytes.first else { return nil }
            return request(Array(bytes.dropFirst()), kind(byte))
        case 2:
            guard let byte = bytes.first else { return nil }
            return response(Array(bytes.dropFirst()), kind(byte))
        case 3: return server(bytes)
        default: return client(bytes)
        }
    }

    /// The kind that a byte chooses: the one of this opcode, else any of them.
    package static func kind<Kind: CaseIterable & RawRepresentable<UInt16>>(_ byte: UInt8) -> Kind {
        let kinds = Array(Kind.allCases)
        return kinds.first { UInt8(truncatingIfNeeded: $0.rawValue) == byte }
            ?? kinds[Int(byte) % kinds.count]
    }

    /// The input by which a body is read as what it is.
    package static func input(_ isRequest: Bool, _ opcode: UInt16, _ body: [UInt8]) -> [UInt8] {
        [isRequest ? 1 : 2, UInt8(truncatingIfNeeded: opcode)] + body
    }

    /// Damages an input: flips, cuts, repeats, or joins it with another one.
    package static func mutate(
        _ input: [UInt8],
        with other: [UInt8],
        _ random: SeededRandomness
    ) -> [UInt8] {
        var bytes = input
        for _ in 0...random.below(3) {
            guard !bytes.isEmpty else { break }
            let place = random.below(bytes.count)
            switch random.below(6) {
            case 0: bytes[place] ^= 1 << UInt8(random.below(8))
            case 1: bytes[place] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)]
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(8)))
            case 3: bytes.insert(contentsOf: bytes.suffix(1 + random.below(40)), at: place)
            case 4: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
            default: bytes = Array(bytes[..<place]) + other.suffix(random.below(other.count + 1))
            }
        }
        return bytes
    }

    /// A frame by itself: every payload decoder.
    private static func frame(_ bytes: [UInt8]) -> String? {
        if bytes.count >= FrameHead.byteCount {
            let payload = Payload(bytes, FrameHead.byteCount..<bytes.count)
            if let hello = try? Hello(payload), (try? Hello(Payload(hello.bytes))) != hello {
                return "a hello does not come back"
            }
            if let welcome = try? Welcome(payload),
                (try? Welcome(Payload(welcome.bytes))) != welcome
            {
                return "a welcome does not come back"
            }
            if let message = try? ErrorMessage(payload),
                (try? ErrorMessage(Payload(message.bytes)))?.error.code != message.error.code
            {
                return "an error does not come back"
            }
        }
        return server(bytes) ?? client(bytes)
    }

    private static func request(_ bytes: [UInt8], _ kind: RequestKind) -> String? {
        guard let request = try? Payload(bytes).request(kind) else { return nil }
        guard let body = try? request.body(), let again = try? Payload(body).request(kind),
            (try? again.body()) == body
        else { return "the request \(kind) does not come back" }
        // Some bodies are read without a tree of values: as with one.
        guard let value = try? Value(cbor: bytes), let general = try? Request(spelling: value),
            (try? general.spelling.cbor()) == body
        else { return "the request \(kind) is another one by the general way" }
        return nil
    }

    private static func response(_ bytes: [UInt8], _ kind: ResponseKind) -> String? {
        guard let response = try? Payload(bytes).response(kind) else { return nil }
        guard let body = try? response.body(), let again = try? Payload(body).response(kind),
            (try? again.body()) == body
        else { return "the response \(kind) does not come back" }
        // Some bodies are read without a tree of values: as with one.
        guard let value = try? Value(cbor: bytes), let general = try? Response(spelling: value),
            (try? general.spelling.cbor()) == body
        else { return "the response \(kind) is another one by the general way" }
        return nil
    }

    /// A server that answers some, fails some, and forgets some.
    private static func server(_ bytes: [UInt8]) -> String? {
        var limits = ServerLimits()
        limits.largestFrame = 1 << 16
        limits.bytesInFlight = 1 << 17
        limits.requestsInFlight = 8
        let session = ServerSession(limits: limits, features: .idempotency)
        var open: Set<UInt32> = []
        var place = 0
        var turn = 0
        while place < bytes.count {
            let end = min(bytes.count, place + 1 + (turn * 7) % 50)
            session.receive(bytes, place..<end)
            (place, turn) = (end, turn + 1)
            while let event = session.next(now: Int64(turn)) {
                switch event {
                case .hello: session.accept(identityHigh: 1, identityLow: 2, server: "fuzz")
                case .request(let request):
                    guard open.insert(request.id).inserted else { return "an id came twice" }
                    guard turn % 3 > 0 else { continue }
                    if let asked = try? request.body.request(request.operation),
                        case .get(let references) = asked
                    {
                        session.respond(request.id, .records(references.map { _ in nil }))
                    } else {
                        session.fail(request.id, MnemeError(.badRequest, "No."))
                    }
                    open.remove(request.id)
                case .cancel(let id):
                    guard open.remove(id) != nil else { return "a cancel of nothing" }
                    session.fail(id, MnemeError(.cancelled, "Cancelled."))
                case .goodbye: break
                case .close: open = []
                }
            }
            for id in session.expire(now: Int64(turn) * 1000) {
                guard open.remove(id) != nil else { return "nothing expired" }
                session.fail(id, MnemeError(.deadlineExceeded, "Too late."))
            }
            guard session.requestCount <= limits.requestsInFlight else { return "too many" }
            if turn % 2 == 0 { session.discardOutput(session.output.count) }
            guard session.heldByteCount <= 1 << 20 else { return "too much is held" }
        }
        return nil
    }

    /// A client with two requests in flight.
    private static func client(_ bytes: [UInt8]) -> String? {
        let session = ClientSession()
        session.connect(Hello(store: "", client: "fuzz", clientVersion: "1"))
        var open: Set<UInt32> = []
        var place = 0
        var turn = 0
        while place < bytes.count {
            let end = min(bytes.count, place + 1 + (turn * 7) % 50)
            session.receive(bytes, place..<end)
            (place, turn) = (end, turn + 1)
            while let event = session.next() {
                switch event {
                case .welcome:
                    for _ in 0..<2 {
                        guard let id = try? session.send(.describe) else { continue }
                        open.insert(id)
                    }
                case .response(let id, let answer, let payload):
                    guard open.remove(id) != nil else { return "an answer to nothing" }
                    _ = try? payload.response(answer)
                case .failed(let id, _):
                    guard open.remove(id) != nil else { return "an error for nothing" }
                case .goodbye: break
                case .closed:
                    guard open.isEmpty else { return "closed with requests in flight" }
                }
            }
            session.discardOutput(session.output.count)
        }
        session.disconnect("end of input")
        while let event = session.next() {
            if case .failed(let id, _) = event { open.remove(id) }
        }
        return open.isEmpty ? nil : "a request without an end"
    }
}
