// Reading: what came, frame by frame.

internal import MnemeBase
internal import MnemeModel

extension ClientSession {
    /// Takes in what came: a part of an array, so that one buffer can serve all reads.
    ///
    /// Then `next` says what happened, until it says nil.
    package func receive(_ bytes: [UInt8], _ range: Range<Int>) {
        guard state != .closed else { return }
        input.append(bytes, range)
    }

    /// Takes in what came.
    package func receive(_ bytes: RawSpan) {
        guard state != .closed else { return }
        input.append(bytes)
    }

    /// Takes in what came.
    package func receive(_ bytes: [UInt8]) { receive(bytes, 0..<bytes.count) }

    /// What happened next; nil when there is nothing before more is received.
    package func next() -> ClientEvent? {
        while true {
            if !pending.isEmpty { return pending.removeFirst() }
            guard state == .greeting || state == .open else { return nil }
            do throws(WireError) {
                guard let frame = try input.next() else { return nil }
                if let event = try read(frame) { return event }
            } catch {
                let message = ErrorMessage(error)
                send(.error, message.bytes)
                close(message)
            }
        }
    }

    private func read(_ frame: Frame) throws(WireError) -> ClientEvent? {
        let head = frame.head
        switch head.kind {
        case .welcome: return .welcome(try readWelcome(frame.payload))
        case .error:
            let message = try ErrorMessage(frame.payload)
            if head.id == 0 {
                close(message)
                return nil
            }
            guard let entry = inFlight[head.id] else { throw .unknownID(head.id) }
            if part?.id == head.id { endPart() }
            forget(head.id)
            return entry.isAbandoned ? nil : .failed(head.id, message)
        case .response:
            guard state == .open else { throw .unexpected(.response) }
            return try readResponse(frame)
        case .goodbye:
            guard state == .open else { throw .unexpected(.goodbye) }
            isEnding = true
            guard frame.payload.count > 0 else {
                return .goodbye(
                    ErrorMessage(MnemeError(.shuttingDown, "The server closes the connection."))
                )
            }
            return .goodbye(try ErrorMessage(frame.payload, of: .goodbye))
        case .ping:
            send(.pong, Array(frame.payload.bytes[frame.payload.range]))
            return nil
        case .pong: return nil
        case .hello, .request, .cancel, .credit: throw .unexpected(head.kind)
        }
    }

    private func readWelcome(_ payload: Payload) throws(WireError) -> Welcome {
        guard state == .greeting, let offer else { throw .unexpected(.welcome) }
        let welcome = try Welcome(payload)
        guard welcome.version >= offer.lowestVersion, welcome.version <= offer.highestVersion,
            welcome.features.isSubset(of: offer.features)
        else { throw .malformed(.welcome) }
        self.welcome = welcome
        state = .open
        return welcome
    }

    private func readResponse(_ frame: Frame) throws(WireError) -> ClientEvent? {
        let (id, count) = (frame.head.id, frame.payload.count)
        guard let entry = inFlight[id] else { throw .unknownID(id) }
        let isLast = frame.head.flags.contains(.last)
        if isLast, part?.id != id {
            // A whole response: no credit.
            forget(id)
            guard !entry.isAbandoned else { return nil }
            guard count <= limits.largestResponse else {
                return .failed(id, ErrorMessage(tooLarge))
            }
            return event(id, frame.head.opcode, frame.payload)
        }
        if part == nil {
            part = Part(id: id, opcode: frame.head.opcode, isDropped: entry.isAbandoned)
        }
        guard let current = part, current.id == id else { throw .mixedStreams(id) }
        guard current.opcode == frame.head.opcode else { throw .changedOpcode(id) }
        guard count <= credit else { throw .badCredit }
        credit -= count
        taken += count
        let total = current.count + count
        guard total <= welcome?.largestResponse ?? 0 else { throw .responseTooLong(id) }
        part?.count = total
        var ended: ClientEvent?
        if !current.isDropped {
            if total > limits.largestResponse {
                // The caller has his end now; the server's is waited for.
                inFlight.update(id) { $0.isAbandoned = true }
                dropPart()
                if !isLast { send(.cancel, id: id, []) }
                ended = .failed(id, ErrorMessage(tooLarge))
            } else {
                part?.bytes.append(contentsOf: frame.payload.bytes[frame.payload.range])
            }
        }
        if isLast {
            if ended == nil, let whole = part, !whole.isDropped {
                ended = event(id, whole.opcode, Payload(whole.bytes))
            }
            endPart()
            forget(id)
        } else {
            giveCredit()
        }
        return ended
    }

    /// The event of a whole response.
    private func event(_ id: UInt32, _ opcode: UInt16, _ payload: Payload) -> ClientEvent {
        guard let answer = ResponseKind(rawValue: opcode) else {
            let error = MnemeError(
                .newerFormat,
                "The server answered with a response of the number \(opcode), which this version"
                    + " does not know. Use a newer client."
            )
            return .failed(id, ErrorMessage(error))
        }
        return .response(id, answer, payload)
    }

    private var tooLarge: MnemeError {
        MnemeError(
            .tooLarge,
            "The answer has more than \(limits.largestResponse) bytes, which is all that this"
                + " client takes. Ask for less at once, or raise its limit."
        )
    }

    private func endPart() {
        part = nil
        giveCredit()
    }

    /// Gives back what was taken in, when it is worth a frame.
    private func giveCredit() {
        guard let window = offer?.credit, taken > 0, taken * 2 >= window else { return }
        var writer = ByteWriter(capacity: 4)
        writer.put(UInt32(taken))
        send(.credit, writer.bytes)
        credit += taken
        taken = 0
    }

    private func forget(_ id: UInt32) {
        guard let entry = inFlight.remove(id) else { return }
        bytesInFlight -= entry.byteCount
    }
}
