// Making connections: one attempt at a time, with pauses that grow after failures.

internal import MnemeBase
internal import MnemeModel
internal import MnemeTransport

extension Pool {
    /// Makes one more connection where there may be one and nothing speaks against it.
    func grow() {
        guard attempt == nil, pauseTimer == nil, links.count < max(1, options.connections),
            !isEnding
        else { return }
        guard failureCount > 0 else { return connect() }
        let pause = Patience.pause(afterFailures: failureCount, randomness)
        pauseTimer = loop.schedule(after: pause) { [self] in
            pauseTimer = nil
            // Another connection may have done the work meanwhile.
            if links.isEmpty, queue.first() == nil { return }
            connect()
        }
    }

    /// Begins an attempt.
    func connect() {
        let link = Link(self)
        attempt = link
        attemptTimer = loop.schedule(after: options.connectTimeout.microseconds) { [self] in
            attemptTimer = nil
            link.giveUp(.connectTimedOut(address))
        }
        // Names may wait for the network, so they are not looked up on the loop's thread.
        BackgroundThread.start(niceness: 0) { [self] in
            do throws(TransportError) {
                let addresses = try target.resolve()
                loop.submit { link.connect(to: addresses) }
            } catch {
                loop.submit { [self] in link.giveUp(.notConnected(error, to: address)) }
            }
        }
    }

    /// The server said its welcome.
    func opened(_ link: Link) {
        endAttempt(link)
        if isEnding { return link.goodbye() }
        links.append(link)
        opener?(.success(()))
        opener = nil
    }

    /// A connection takes no more requests.
    func noteDraining(_ link: Link) {
        guard let index = links.firstIndex(where: { $0 === link }) else { return }
        links.remove(at: index)
        drainingLinks.append(link)
    }

    /// A connection is over, and its calls have been told; `error` is nil after its usual end.
    func ended(_ link: Link, _ error: MnemeError?) {
        links.removeAll { $0 === link }
        drainingLinks.removeAll { $0 === link }
        endAttempt(link)
        if link.hasAnswered {
            failureCount = 0
        } else if !isEnding {
            failureCount += 1
            lastFailure = error ?? lastFailure
        }
        if let error, !link.hasAnswered { noteFailure(error, wasOpen: link.isOpen) }
        if links.isEmpty, queue.first() != nil { grow() }
        closeIfDone()
    }

    /// Ends those who wait in vain.
    private func noteFailure(_ error: MnemeError, wasOpen: Bool) {
        if let opener, !wasOpen {
            self.opener = nil
            opener(.failure(error))
            return
        }
        guard links.isEmpty, !isEnding else { return }
        if error.endsConnecting {
            failWaiting(error)
        } else if failureCount >= max(1, options.reconnects) {
            failWaiting(.unreachable(error))
        }
    }

    private func endAttempt(_ link: Link) {
        guard attempt === link else { return }
        attempt = nil
        if let attemptTimer { loop.cancel(attemptTimer) }
        attemptTimer = nil
    }
}
