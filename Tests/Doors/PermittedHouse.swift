// One store that several ask, each under a permit of his own: in this process, or at a server by a
// token.

internal import Mneme
internal import MnemeBase
internal import MnemeClient
package import MnemeModel
internal import MnemeServer
internal import MnemeTransport
internal import Synchronization

/// A store with several doors.
package final class PermittedHouse: Sendable {
    /// How the store is reached.
    package enum Way: String, CaseIterable, Sendable {
        case embedded
        case client
        case blockingClient
        case secureClient
        case secureBlockingClient

        var isSecure: Bool { self == .secureClient || self == .secureBlockingClient }
    }

    private let way: Way
    private let root = "/tmp/mneme-permits-\(RealRandomness().next())"
    private let memory: Memory?
    private let server: Server?
    private let certificates: Certificates?
    private let count = Atomic<Int>(0)

    /// A house with a store that nobody has asked yet.
    package init(_ way: Way) throws {
        self.way = way
        guard way != .embedded else {
            memory = try Memory.inMemory()
            server = nil
            certificates = nil
            return
        }
        memory = nil
        var options = ServerOptions(root: root, addresses: [try Address(parsing: "127.0.0.1:0")])
        options.backups = root + "-backups"
        certificates = way.isSecure ? try Certificates() : nil
        if let certificates {
            let file = try certificates.make("server")
            options.tls = TLSFiles(certificate: file, key: file)
        }
        server = try Server(options)
    }

    /// A door under a permit; without one everything is allowed.
    package func open(_ permit: Permit?) async throws -> any Door {
        if let memory {
            guard let permit else { return memory }
            return try memory.permitted(by: permit)
        }
        let token = try give(permit ?? Permit("everything", .admin))
        let address = server?.addresses.first.map { "\($0)" } ?? ""
        var options = ClientOptions.patient
        options.token = token
        options.tls = certificates.map { ClientTLS(authorities: $0.authority) }
        guard way == .blockingClient || way == .secureBlockingClient else {
            return try await Client.connect(address, store: "example", options: options)
        }
        return ClientOnThread(
            try BlockingClient.connect(address, store: "example", options: options),
            watching: try BlockingClient.connect(address, store: "example", options: options)
        )
    }

    /// Gives a token to whoever has a permit.
    private func give(_ permit: Permit) throws -> String {
        let text = TokenText.draw(RealRandomness())
        var named = permit
        named.name += "-\(count.add(1, ordering: .relaxed).newValue)"
        let secret = TokenEntry.Secret(hash: TokenText.hash(Array(text.utf8)))
        let entry = TokenEntry(named, created: Instant(microseconds: 0), secrets: [secret])
        try TokenFile(root: root).change { list throws(MnemeError) in try list.add(entry) }
        return text
    }

    /// Ends the store, and what it has on the disk.
    package func remove() async {
        await withCheckedContinuation { waiter in
            BackgroundThread.start(niceness: 0) { [self] in
                try? memory?.close()
                _ = server?.stop()
                Directories.remove(root)
                Directories.remove(root + "-backups")
                certificates?.remove()
                waiter.resume()
            }
        }
    }
}
