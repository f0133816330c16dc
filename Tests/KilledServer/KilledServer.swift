// Real kills of a real server under load: `mneme serve` is killed with SIGKILL at random moments
// and started again on its address, while writers go on through clients that make their
// connections anew by themselves. At the end the store is held against what the clients said.
//
// What must hold: an acknowledged batch is whole; one that the client said was not written is not
// there; one of which it did not know is whole or not there; what was asked under an idempotency
// key until it was answered is there once; verify finds nothing.

internal import Glibc
internal import Mneme
package import MnemeBase
internal import MnemeClient
internal import MnemeModel

/// What went wrong.
package struct KilledServerFailure: Error, CustomStringConvertible {
    package let description: String

    /// A failure in words.
    package init(_ description: String) { self.description = description }
}

/// A server that is killed again and again.
package struct KilledServer: Sendable {
    /// The path of `mneme`.
    package var program: String
    /// Where stores, sockets and what the server prints are kept; it is there.
    package var directory: String
    /// Where the server listens.
    package var address: String
    package var kills = 20
    /// Milliseconds of load before a kill, at most.
    package var longest = 5000
    /// How many write at a time, over two clients.
    package var writers = 8
    /// How many live beside them: sessions, facts, events (ServerLife.swift).
    package var lifeWriters = 2
    package var seed: UInt64
    /// Whether a record is taken away before the check, which must then fail: a test of the test.
    package var plantsLoss = false

    /// What came of it.
    package struct Report: Sendable {
        package var acknowledged = 0
        package var refused = 0
        /// Batches whose outcome the clients did not know, and how many of them were there.
        package var unknown = 0
        package var unknownButThere = 0
        /// Lives that were lived through, each once.
        package var lives = 0
    }

    private static let store = "killed"

    /// A server with the usual numbers.
    package init(program: String, directory: String, address: String, seed: UInt64) {
        self.program = program
        self.directory = directory
        self.address = address
        self.seed = seed
    }

    /// An address that nobody's outgoing connection takes while the server is down.
    package static func address(_ randomness: any Randomness) -> String {
        "127.0.0.1:\(20_000 + randomness.next() % 12_000)"
    }

    /// Runs to the end; `progress` is told of every kill.
    ///
    /// - Throws: what went wrong; no server is left running.
    package func run(
        _ progress: @Sendable (String) -> Void
    ) async throws(KilledServerFailure) -> Report {
        var server = try start()
        do throws(KilledServerFailure) {
            let clients = [try await connect(server), try await connect(server)]
            do throws(MnemeError) {
                try await clients[0].define(ServerBatch.schema)
            } catch {
                throw KilledServerFailure("the schema is refused: \(error)")
            }
            let notes = ServerNotes()
            let load = Task { await write(through: clients, notes) }
            let living = Task { await live(through: clients, notes) }
            let failure = await killAll(&server, notes, progress)
            notes.stop()
            let states = await load.value
            let lives = await living.value
            if let failure = failure ?? notes.failure { throw failure }
            if plantsLoss { try await plantLoss(clients[0]) }
            let report = try await check(states, lives, through: clients[0])
            for client in clients { try? await client.close() }
            let status = server.end(SIGTERM)
            guard status == 0 else {
                throw KilledServerFailure("the server ended with status \(status)")
            }
            try await checkFiles()
            return report
        } catch {
            if !server.hasEnded() { server.end(SIGKILL) }
            throw error
        }
    }

    private func plantLoss(_ client: Client) async throws(KilledServerFailure) {
        let victim = ServerBatch(writer: 0, number: 0, seed: seed).references[1]
        do throws(MnemeError) {
            _ = try await client.commit([.delete(victim)])
        } catch {
            throw KilledServerFailure("the loss cannot be planted: \(error)")
        }
    }

    // MARK: The load

    private func start() throws(KilledServerFailure) -> ServedProcess {
        try ServedProcess(program, directory: directory, address: address)
    }

    /// Connects to a server that may not listen yet.
    private func connect(_ server: ServedProcess) async throws(KilledServerFailure) -> Client {
        var options = ClientOptions()
        options.timeout = .seconds(120)
        options.connectTimeout = .seconds(60)
        var last = ""
        for _ in 0..<600 {
            do throws(MnemeError) {
                return try await Client.connect(address, store: Self.store, options: options)
            } catch {
                last = "\(error)"
            }
            if server.hasEnded() { break }
            try? await Task.sleep(for: .milliseconds(50))
        }
        throw KilledServerFailure("the server does not answer at \(address): \(last)")
    }

    private func write(
        through clients: [Client],
        _ notes: ServerNotes
    ) async -> [ServerWriter] {
        await withTaskGroup(of: ServerWriter.self) { group in
            for number in 0..<writers {
                group.addTask {
                    var writer = ServerWriter(number, seed: seed)
                    await writer.write(through: clients[number % clients.count], notes)
                    return writer
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func live(
        through clients: [Client],
        _ notes: ServerNotes
    ) async -> [LifeWriter] {
        await withTaskGroup(of: LifeWriter.self) { group in
            for number in 0..<lifeWriters {
                group.addTask {
                    var writer = LifeWriter(number)
                    await writer.write(through: clients[number % clients.count], notes)
                    return writer
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Kills and starts again, as often as it is to be; nil where nothing went wrong.
    private func killAll(
        _ server: inout ServedProcess,
        _ notes: ServerNotes,
        _ progress: @Sendable (String) -> Void
    ) async -> KilledServerFailure? {
        let dice = SeededRandomness(seed: seed)
        for round in 1...max(kills, 1) {
            do throws(KilledServerFailure) {
                // The clients go on by themselves: this is where it would be seen if not.
                let before = notes.acknowledged
                try await wait(notes, until: before + writers)
                let time = dice.below(max(longest, 1))
                try? await Task.sleep(for: .milliseconds(time))
                let status = server.end(SIGKILL)
                guard status & 0x7f == SIGKILL else {
                    throw KilledServerFailure("the server ended by itself, status \(status)")
                }
                // Some connect at once again, some find nobody, and now and then they give up.
                let pause = round % 5 == 4 ? 2500 : dice.below(3) * 60
                try? await Task.sleep(for: .milliseconds(pause))
                progress("kill \(round): \(notes.acknowledged) batches acknowledged")
                server = try start()
            } catch {
                return error
            }
        }
        do throws(KilledServerFailure) {
            try await wait(notes, until: notes.acknowledged + writers)
        } catch {
            return error
        }
        return nil
    }

    private func wait(
        _ notes: ServerNotes,
        until count: Int
    ) async throws(KilledServerFailure) {
        let clock = RealClock()
        let end = clock.elapsed() + 300_000_000
        while notes.acknowledged < count {
            if let failure = notes.failure { throw failure }
            guard clock.elapsed() < end else {
                throw KilledServerFailure("the clients do not go on after a kill")
            }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }
}
