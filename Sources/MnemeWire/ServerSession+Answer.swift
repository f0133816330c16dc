// Answering: what the server has to say, and when.

package import MnemeBase
package import MnemeModel

extension ServerSession {
    /// Answers a hello: from now on requests are taken.
    ///
    /// Features are those that both offer; the limits are the session's.
    ///
    /// - Precondition: a hello was handed out and not answered.
    package func accept(identityHigh: UInt64, identityLow: UInt64, server: String) {
        precondition(state == .greeted)
        var welcome = Welcome(
            limits,
            identityHigh: identityHigh,
            identityLow: identityLow,
            server: server
        )
        welcome.features = offeredFeatures.intersection(offer?.features ?? [])
        features = welcome.features
        credit = offer?.credit ?? 0
        offer = nil
        state = .open
        input.limit = limits.largestFrame
        send(.welcome, welcome.bytes)
    }

    /// Answers a hello, or ends the connection at any time, with an error: it is sent, then the
    /// connection is closed.
    package func refuse(_ error: MnemeError, detail: UInt32 = 0) {
        close(ErrorMessage(error, detail: detail))
    }

    /// Answers a request; false when it has ended already.
    ///
    /// A response that is longer than the limit becomes the error `tooLarge`, one that cannot be
    /// encoded its error.
    ///
    /// - Complexity: O(*n*) in the size of the response.
    @discardableResult
    package func respond(_ id: UInt32, _ response: Response) -> Bool {
        guard state == .open, let entry = inFlight[id], !entry.isStreamed else { return false }
        let head = FrameHead(
            .response,
            flags: .last,
            opcode: ResponseKind(response).rawValue,
            id: id,
            payloadCount: 0
        )
        do throws(MnemeError) {
            let count = try writer.put(head) { writer throws(MnemeError) in
                try writer.put(response)
            }
            guard count > WireLimits.chunk else {
                forget(id)
                return true
            }
            stream(id, head.opcode, writer.takeBackLast(payloadCount: count))
        } catch {
            end(id, ErrorMessage(error))
        }
        return true
    }

    /// Answers a request with a body that is encoded already; false when it has ended already.
    @discardableResult
    package func respond(_ id: UInt32, _ answer: ResponseKind, _ body: [UInt8]) -> Bool {
        precondition(!body.isEmpty)
        guard state == .open, let entry = inFlight[id], !entry.isStreamed else { return false }
        guard body.count <= WireLimits.chunk else {
            stream(id, answer.rawValue, body)
            return true
        }
        let head = FrameHead(
            .response,
            flags: .last,
            opcode: answer.rawValue,
            id: id,
            payloadCount: body.count
        )
        writer.put(head, body[...])
        forget(id)
        return true
    }

    /// Ends a request with an error; false when it has ended already.
    @discardableResult
    package func fail(_ id: UInt32, _ error: MnemeError, detail: UInt32 = 0) -> Bool {
        guard state == .open, let entry = inFlight[id], !entry.isStreamed else { return false }
        end(id, ErrorMessage(error, detail: detail))
        return true
    }

    /// Takes no more requests and says so, and why; those in flight are still answered.
    ///
    /// `milliseconds` is how long the server will wait for that; 0: not known.
    package func drain(_ error: MnemeError, milliseconds: UInt32 = 0) {
        guard !isDraining, state != .closed else { return }
        isDraining = true
        switch state {
        case .open: send(.goodbye, ErrorMessage(error, detail: milliseconds).bytes)
        default: close(ErrorMessage(error))
        }
    }

    /// When `expire` should be asked again; nil: not before another request came.
    ///
    /// It may be earlier than any deadline.
    package var nextDeadline: Microseconds? { earliestDeadline }

    /// Requests whose deadline has passed, each once.
    ///
    /// `fail` them with `deadlineExceeded` where nothing was written and nothing will be; answer
    /// them otherwise. Those that were not handed out yet have been ended.
    ///
    /// - Complexity: O(1) before `nextDeadline`, else O(*n*) in the requests in flight.
    package func expire(now: Microseconds) -> [UInt32] {
        guard let earliest = earliestDeadline, earliest <= now else { return [] }
        var expired: [UInt32] = []
        earliestDeadline = nil
        for (id, entry) in inFlight.all {
            guard let deadline = entry.deadline, !entry.isStreamed, !entry.isWarned else {
                continue
            }
            if deadline > now {
                earliestDeadline = min(deadline, earliestDeadline ?? deadline)
            } else if entry.isParked {
                end(
                    id,
                    ErrorMessage(
                        MnemeError(
                            .deadlineExceeded,
                            "The request's deadline passed before it began."
                        )
                    )
                )
            } else {
                inFlight.update(id) { $0.isWarned = true }
                expired.append(id)
            }
        }
        return expired.sorted()
    }

    /// Ends a request with an error, in whatever state it is.
    func end(_ id: UInt32, _ error: ErrorMessage) {
        guard let entry = inFlight[id] else { return }
        if entry.isParked { parked.removeAll { $0.id == id } }
        if entry.isStreamed { streams.remove(id) }
        forget(id)
        send(.error, id: id, error.bytes)
    }

    /// Sends as much of long responses as there is credit and room for.
    func pumpStreams() {
        guard state == .open else { return }
        while !streams.isEmpty, credit > 0, writer.waitingCount < limits.waitingOutput {
            let chunk = streams.writeChunk(to: &writer, most: credit)
            credit -= chunk.count
            if chunk.isLast { forget(chunk.id) }
        }
    }

    private func stream(_ id: UInt32, _ opcode: UInt16, _ body: [UInt8]) {
        guard body.count <= limits.largestResponse else {
            end(
                id,
                ErrorMessage(
                    MnemeError(
                        .tooLarge,
                        "The answer has \(body.count) bytes, \(limits.largestResponse) are sent."
                            + " Ask for less at once: a lower limit, or selected fields."
                    )
                )
            )
            return
        }
        inFlight.update(id) { $0.isStreamed = true }
        streams.add(ResponseStreams.Stream(id: id, opcode: opcode, bytes: body))
        pumpStreams()
    }

    private func forget(_ id: UInt32) {
        guard let entry = inFlight.remove(id) else { return }
        bytesInFlight -= entry.byteCount
    }
}
