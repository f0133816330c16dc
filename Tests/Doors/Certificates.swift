// Certificates of tests: an authority of their own, and what it certifies, made by openssl.

internal import Foundation
internal import Glibc
internal import MnemeBase

/// An authority, and files in a directory of its own.
package struct Certificates: Sendable {
    private let directory = "/tmp/mneme-certificates-\(RealRandomness().next())"

    /// Why no certificate was made.
    package struct Failure: Error {
        let output: String
    }

    /// A new authority.
    package init() throws {
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
        try run(
            ["req", "-x509"] + Self.fresh + [
                "-keyout", path("ca.key"), "-out", authority, "-subj", "/CN=authority",
                "-days", "30",
            ]
        )
        try "subjectAltName=DNS:localhost,IP:127.0.0.1\n"
            .write(toFile: path("names"), atomically: true, encoding: .utf8)
    }

    /// The file of the authority's own certificate.
    package var authority: String { path("ca.pem") }

    /// The file of a certificate and its key, which is over where `days` is below 0.
    package func make(_ name: String, days: Int = 30, file: String? = nil) throws -> String {
        let (key, request, made) = (path(name + ".key"), path(name + ".csr"), path(name + ".crt"))
        try run(
            ["req"] + Self.fresh + ["-keyout", key, "-out", request, "-subj", "/CN=\(name)"]
        )
        try run([
            "x509", "-req", "-in", request, "-CA", authority, "-CAkey", path("ca.key"),
            "-CAcreateserial", "-out", made, "-days", "\(days)", "-extfile", path("names"),
        ])
        let both = try Data(contentsOf: URL(filePath: made)) + Data(contentsOf: URL(filePath: key))
        let target = file ?? path(name + ".pem")
        try both.write(to: URL(filePath: target), options: .atomic)
        return target
    }

    /// Puts what is no certificate in the place of one.
    package static func spoil(_ file: String) throws {
        try Data("no certificate".utf8).write(to: URL(filePath: file), options: .atomic)
    }

    /// Removes the files.
    package func remove() { Directories.remove(directory) }

    private func path(_ name: String) -> String { directory + "/" + name }

    private static let fresh = [
        "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
    ]

    /// Not by Foundation's `Process`, which breaks where other threads open files meanwhile.
    private func run(_ arguments: [String]) throws {
        let words = ["openssl"] + arguments
        var pointers = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        var child: pid_t = 0
        let code = unsafe posix_spawn(&child, "/usr/bin/openssl", nil, nil, &pointers, environ)
        guard code == 0 else { throw Failure(output: "openssl was not started: \(code)") }
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { throw Failure(output: "openssl ended with \(status)") }
    }
}
