// What is told over HTTP, for tests.

import MnemeTransport
import Testing

@testable import MnemeServer

/// What a request of HTTP is answered.
struct Reply {
    let status: String
    let body: String
    var lines: [String] { body.split(separator: "\n").map(String.init) }

    init(of path: String, _ world: ServerWorld) throws {
        try self.init(to: "GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", world)
    }

    init(to request: String, _ world: ServerWorld) throws {
        let address = try #require(world.metricsAddress)
        let connection = try BlockingConnection(to: address, timeoutMicroseconds: 5_000_000)
        try connection.setReceiveTimeout(20_000_000)
        try connection.send(Array(request.utf8))
        var bytes: [UInt8] = []
        var text = ""
        while true {
            let piece = try connection.receive(atMost: 65_536)
            if piece.isEmpty { break }
            bytes += piece
            text = String(decoding: bytes, as: UTF8.self)
            // A connection may be kept; the length says when all is there.
            let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
            guard parts.count == 2,
                let head = parts[0].split(separator: "\r\n").first(where: {
                    $0.lowercased().hasPrefix("content-length:")
                }),
                let count = Int(head.split(separator: " ").last ?? "")
            else { continue }
            if parts[1].utf8.count >= count { break }
        }
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
        status = String(parts.first?.split(separator: "\r\n").first ?? "")
        body = parts.count == 2 ? String(parts[1]) : ""
    }
}
