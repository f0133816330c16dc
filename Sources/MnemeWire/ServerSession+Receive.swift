// Reading: what came, frame by frame.

package import MnemeBase
internal import MnemeModel

extension ServerSession {
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

    /// What happened next; nil when there is nothing before more is received or sent.
    ///
    /// Each event is to be dealt with before the next one is asked for: an answer that comes at
    /// once holds up what the client may not be sent yet.
    package func next(now: Microseconds) -> ServerEvent? {
        while true {
            if let error = pendingClose {
                pendingClose = nil
                return .close(error)
            }
            guard state == .new || state == .open, writer.waitingCount <= limits.waitingOutput
            else { return nil }
            if !parked.isEmpty, !mustPark {
                let request = parked.removeFirst()
                inFlight.update(request.id) { $0.isParked = false }
                return .request(request)
            }
            do throws(WireError) {
                guard let frame = try input.next() else { return nil }
                if let event = try read(frame, now: now) { return event }
            } catch {
                close(ErrorMessage(error))
            }
        }
    }

    /// Whether so much waits for credit that no request is begun.
    private var mustPark: Bool { streams.waitingCount > limits.waitingResponses }

    private func read(
        _ frame: Frame,
        now: Microseconds
    ) throws(WireError) -> ServerEvent? {
        let kind = frame.head.kind
        guard state == .open || kind == .hello else { throw .unexpected(kind) }
        switch kind {
        case .hello: return try readHello(frame.payload)
        case .request: return try readRequest(frame, now: now)
        case .cancel: return readCancel(frame.head.id)
        case .credit:
            try readCredit(frame.payload)
            return nil
        case .goodbye:
            guard !clientSaidGoodbye else { throw .unexpected(kind) }
            if frame.payload.count > 0 { _ = try ErrorMessage(frame.payload, of: .goodbye) }
            clientSaidGoodbye = true
            return .goodbye
        case .ping:
            send(.pong, Array(frame.payload.bytes[frame.payload.range]))
            return nil
        case .pong: return nil
        case .error:
            guard frame.head.id == 0 else { throw .badID(frame.head.id, kind) }
            let message = try ErrorMessage(frame.payload)
            closeSilently(message)
            return nil
        case .welcome, .response: throw .unexpected(kind)
        }
    }

    /// The client said why it goes: nothing is sent to it any more.
    private func closeSilently(_ message: ErrorMessage) {
        close(message)
        _ = writer.take()
    }

    private func readHello(_ payload: Payload) throws(WireError) -> ServerEvent {
        guard state == .new else { throw .unexpected(.hello) }
        let hello = try Hello(payload)
        guard hello.lowestVersion <= WireLimits.version, hello.highestVersion >= WireLimits.version
        else {
            throw .unsupportedVersion(lowest: WireLimits.version, highest: WireLimits.version)
        }
        state = .greeted
        offer = hello
        return .hello(hello)
    }

    private func readRequest(
        _ frame: Frame,
        now: Microseconds
    ) throws(WireError) -> ServerEvent? {
        let id = frame.head.id
        guard inFlight[id] == nil else { throw .duplicateID(id) }
        var body = frame.payload
        let head = try RequestHead(frame.payload, &body)
        guard head.key.isEmpty || features.contains(.idempotency) else {
            throw .malformed(.request)
        }
        if let error = refusal(of: frame) {
            send(.error, id: id, ErrorMessage(error).bytes)
            return nil
        }
        guard let operation = RequestKind(rawValue: frame.head.opcode) else { return nil }
        let milliseconds =
            head.deadlineMilliseconds == 0
            ? limits.defaultDeadlineMilliseconds : head.deadlineMilliseconds
        let deadline = milliseconds == 0 ? nil : now + Microseconds(milliseconds) * 1000
        if let deadline { earliestDeadline = min(deadline, earliestDeadline ?? deadline) }
        let isParked = mustPark || !parked.isEmpty
        inFlight.insert(
            id,
            InFlight(
                operation: operation,
                byteCount: frame.payload.count,
                deadline: deadline,
                isParked: isParked
            )
        )
        bytesInFlight += frame.payload.count
        let request = ServerRequest(
            id: id,
            operation: operation,
            deadline: deadline,
            durability: head.durability,
            key: head.key,
            body: isParked ? body.detached : body
        )
        guard isParked else { return .request(request) }
        parked.append(request)
        return nil
    }

    /// Why a request is not begun; nil where it is.
    private func refusal(of frame: Frame) -> MnemeError? {
        if isDraining || clientSaidGoodbye {
            return MnemeError(
                .shuttingDown,
                "The connection is being closed and takes no more requests. Connect again."
            )
        }
        if inFlight.count >= limits.requestsInFlight
            || bytesInFlight + frame.payload.count > limits.bytesInFlight
        {
            return MnemeError(
                .tooManyRequests,
                "More than \(limits.requestsInFlight) requests or \(limits.bytesInFlight) bytes of"
                    + " them are without an answer. Wait for answers before asking for more."
            )
        }
        if RequestKind(rawValue: frame.head.opcode) == nil {
            return MnemeError(
                .badRequest,
                "There is no operation with the number \(frame.head.opcode). The client may be"
                    + " newer than the server."
            )
        }
        return nil
    }

    private func readCancel(_ id: UInt32) -> ServerEvent? {
        guard let entry = inFlight[id] else { return nil }
        if entry.isParked {
            end(id, ErrorMessage(.cancelledBeforeItBegan))
            return nil
        }
        if entry.isStreamed {
            // A write is done, and its answer says so to the end.
            if !entry.operation.isWrite { end(id, ErrorMessage(.cancelledOnItsWay)) }
            return nil
        }
        guard !entry.isWarned else { return nil }
        inFlight.update(id) { $0.isWarned = true }
        return .cancel(id)
    }

    private func readCredit(_ payload: Payload) throws(WireError) {
        var reader = ByteReader(payload.bytes, payload.range)
        guard let more: UInt32 = try? reader.get(), more > 0 else { throw .malformed(.credit) }
        guard credit + Int(more) <= WireLimits.credit else { throw .badCredit }
        credit += Int(more)
        pumpStreams()
    }
}

extension MnemeError {
    fileprivate static let cancelledBeforeItBegan = MnemeError(
        .cancelled,
        "The request was cancelled before it began."
    )
    fileprivate static let cancelledOnItsWay = MnemeError(
        .cancelled,
        "The request was cancelled while its answer was being sent."
    )
}
