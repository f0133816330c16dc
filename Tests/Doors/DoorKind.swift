// The ways into a store that tests go through: each is another way of opening, and the same words
// afterwards.

internal import Mneme
internal import MnemeBase
package import MnemeClient
package import MnemeModel
internal import MnemeServer
internal import MnemeTransport
internal import Synchronization

/// A way into a store.
package enum DoorKind: String, CaseIterable, Sendable {
    /// `Memory` on a directory.
    case directory
    /// `Memory` on a directory whose files are encrypted.
    case encrypted
    /// `Memory` without files.
    case inMemory
    /// `Client` against a server in this process.
    case client
    /// `BlockingClient` against a server in this process.
    case blockingClient

    /// Whether what is asked goes through a server.
    package var isRemote: Bool { self == .client || self == .blockingClient }

    /// Opens a door to a new store, has `body` use it, closes it and removes the store.
    package func withDoor<Answer>(
        _ body: (any Door) async throws -> Answer
    ) async throws -> Answer {
        let house = try House(self)
        let door: any Door
        do {
            door = try await house.open()
        } catch {
            await house.remove()
            throw error
        }
        do {
            let answer = try await body(door)
            try? await door.close()
            await house.remove()
            return answer
        } catch {
            try? await door.close()
            await house.remove()
            throw error
        }
    }
}

/// Where the store behind a door lives.
package struct House: Sendable {
    package let kind: DoorKind
    /// The store's own directory, or that of the server's stores.
    package let root = "/tmp/mneme-door-\(RealRandomness().next())"
    /// Where backups are made that are asked for by name; on a server, below the store's own.
    package var backups: String { root + "-backups" }
    private let running = RunningServer()

    /// A house without a store, with a server where the door is one to it.
    package init(_ kind: DoorKind) throws {
        self.kind = kind
        if kind.isRemote { try serve("127.0.0.1:0") }
    }

    private func serve(_ address: String) throws {
        var options = ServerOptions(root: root, addresses: [try Address(parsing: address)])
        options.backups = backups
        let server = try Server(options)
        running.server.withLock { $0 = server }
    }

    /// Where the server listens; empty without one.
    package var address: String {
        running.server.withLock { $0?.addresses.first.map { "\($0)" } } ?? ""
    }

    /// Stops the server, has `body` do what it does meanwhile, and starts another one where the
    /// first one listened.
    package func restart(_ body: () async throws -> Void = {}) async throws {
        let address = address
        await stop(removing: false)
        try await body()
        try serve(address)
    }

    /// Opens a door; again to the same store, but for `inMemory`, whose store ends with its door.
    package func open() async throws -> any Door {
        var options = MemoryOptions()
        options.backupDirectory = backups
        switch kind {
        case .directory: return try Memory.open(root, options: options)
        case .encrypted:
            options.masterKey = MasterKey(bytes: [UInt8](repeating: 7, count: 32))
            return try Memory.open(root, options: options)
        case .inMemory: return try Memory.inMemory(options: options)
        case .client:
            return try await Client.connect(address, store: "example", options: .patient)
        case .blockingClient:
            return ClientOnThread(
                try BlockingClient.connect(address, store: "example", options: .patient),
                watching: try BlockingClient.connect(address, store: "example", options: .patient)
            )
        }
    }

    /// Stops the server and removes all files.
    package func remove() async { await stop(removing: true) }

    private func stop(removing: Bool) async {
        await withCheckedContinuation { waiter in
            // Stopping waits, which a task's thread must not.
            BackgroundThread.start(niceness: 0) {
                _ = running.server.withLock { $0.take() }?.stop()
                if removing {
                    Directories.remove(root)
                    Directories.remove(backups)
                }
                waiter.resume()
            }
        }
    }
}

/// The server that runs just now, where there is one.
private final class RunningServer: Sendable {
    let server = Mutex<Server?>(nil)
}

extension ClientOptions {
    /// The usual options with times that nobody runs out of.
    package static var patient: ClientOptions {
        var options = ClientOptions()
        options.timeout = .seconds(600)
        options.connectTimeout = .seconds(120)
        return options
    }
}
