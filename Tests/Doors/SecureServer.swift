// A server that speaks TLS, for tests of whom it believes and who believes it.

package import MnemeBase
package import MnemeModel
internal import MnemeServer
internal import MnemeTransport

/// A server with a certificate.
package final class SecureServer: Sendable {
    private let root = "/tmp/mneme-secure-\(RealRandomness().next())"
    private let server: Server

    /// A server whose certificate and key stand in a file; `authorities` certify its clients, who
    /// have so long to say who they are.
    package init(
        _ file: String,
        authorities: String? = nil,
        helloMicroseconds: Microseconds = 10_000_000
    ) throws {
        var options = ServerOptions(root: root, addresses: [try Address(parsing: "127.0.0.1:0")])
        options.tls = TLSFiles(certificate: file, key: file, authorities: authorities)
        options.helloMicroseconds = helloMicroseconds
        server = try Server(options)
    }

    /// What it says to whoever sends bytes and no more, until it ends the connection.
    package func answer(to bytes: [UInt8]) throws -> [UInt8] {
        guard let place = server.addresses.first else { return [] }
        let connection = try BlockingConnection(to: place, timeoutMicroseconds: 5_000_000)
        try connection.setReceiveTimeout(20_000_000)
        if !bytes.isEmpty { try connection.send(bytes) }
        var said: [UInt8] = []
        while true {
            let more = try connection.receive(atMost: 4096)
            if more.isEmpty { return said }
            said += more
        }
    }

    /// Where it listens.
    package var address: String { server.addresses.first.map { "\($0)" } ?? "" }

    /// Gives a token to somebody who will not show it: his certificate counts.
    package func know(_ permit: Permit) throws {
        let entry = TokenEntry(permit, created: Instant(microseconds: 0), secrets: [])
        try TokenFile(root: root).change { list throws(MnemeError) in try list.add(entry) }
    }

    /// Gives a token to somebody, and returns what he shows.
    package func give(_ permit: Permit) throws -> String {
        let text = TokenText.draw(RealRandomness())
        let secret = TokenEntry.Secret(hash: TokenText.hash(Array(text.utf8)))
        let entry = TokenEntry(permit, created: Instant(microseconds: 0), secrets: [secret])
        try TokenFile(root: root).change { list throws(MnemeError) in try list.add(entry) }
        return text
    }

    /// Why a server does not start.
    package static func refusal(
        _ address: String,
        certificate: String? = nil
    ) throws -> MnemeError.Code? {
        let root = "/tmp/mneme-refused-\(RealRandomness().next())"
        defer { Directories.remove(root) }
        var options = ServerOptions(root: root, addresses: [try Address(parsing: address)])
        options.tls = certificate.map { TLSFiles(certificate: $0, key: $0) }
        do throws(MnemeError) {
            _ = try Server(options).stop()
            return nil
        } catch {
            return error.code
        }
    }

    /// Stops it, and removes what it has.
    package func remove() {
        _ = server.stop()
        Directories.remove(root)
    }
}
