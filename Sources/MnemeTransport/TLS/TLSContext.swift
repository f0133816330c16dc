// What the TLS connections of one side have in common: certificate, key, and whom it believes.
// formats/security.md#tls.

internal import CTLS

/// Why TLS cannot be spoken.
package struct TLSError: Error, Equatable, Sendable, CustomStringConvertible {
    /// For people.
    package let description: String

    /// An error with a reason.
    package init(_ description: String) { self.description = description }
}

/// The text that C writes, up to its zero.
private func toldText(_ tell: (UnsafeMutablePointer<CChar>, Int) -> Void) -> String {
    var bytes = [UInt8](repeating: 0, count: 512)
    unsafe bytes.withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        unsafe tell(base.assumingMemoryBound(to: CChar.self), bytes.count)
    }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
}

/// The files of one side.
package struct TLSFiles: Hashable, Sendable {
    /// A PEM file with the certificate and those that lead from it to an authority; nil on a client
    /// that shows none.
    package var certificate: String?
    /// A PEM file with its key.
    package var key: String?
    /// A PEM file with the authorities that are believed; nil for the system's own on a client, and
    /// on a server for asking nobody for a certificate.
    package var authorities: String?
    /// Whether a server lets nobody in without a certificate.
    package var demandsCertificate = false

    /// Files of their paths.
    package init(certificate: String? = nil, key: String? = nil, authorities: String? = nil) {
        self.certificate = certificate
        self.key = key
        self.authorities = authorities
    }

    /// The paths that are given.
    package var paths: [String] { [certificate, key, authorities].compactMap { $0 } }
}

/// What TLS connections have in common.
///
/// SAFETY: OpenSSL counts who holds a context, and locks what it changes in it.
@safe package final class TLSContext: @unchecked Sendable {
    fileprivate let context: OpaquePointer

    /// Reads the files.
    ///
    /// - Throws: `TLSError` where one cannot be read, or the key is not the certificate's.
    package init(_ files: TLSFiles, isServer: Bool) throws(TLSError) {
        var made: OpaquePointer?
        let why = unsafe toldText { (why, count) in
            unsafe made = unsafe mneme_tls_context_make(
                isServer ? 1 : 0,
                files.certificate,
                files.key,
                files.authorities,
                files.demandsCertificate ? 1 : 0,
                why,
                count
            )
        }
        guard let made = unsafe made else { throw TLSError(why) }
        unsafe context = made
    }

    deinit { unsafe mneme_tls_context_free(context) }

    /// One end of a connection; `name` is the server's, on a client.
    ///
    /// - Throws: `TLSError` where memory cannot be had, or the name is none.
    package func session(name: String? = nil) throws(TLSError) -> TLSSession {
        guard let made = unsafe mneme_tls_make(context, name) else {
            throw TLSError("TLS cannot be begun" + (name.map { " with \($0)" } ?? ""))
        }
        return unsafe TLSSession(made, self)
    }
}

/// One end of a TLS connection: bytes of the network go in and come out, and what is said goes out
/// and comes in.
///
/// What is said before the handshake is over waits for it.
///
/// SAFETY: used by one thread at a time, that of its connection.
@safe package final class TLSSession {
    /// How much is read at once: a record.
    private static let pieceCount = 16 << 10

    private let tls: OpaquePointer
    private let context: TLSContext
    /// Said before the handshake was over.
    private var early: [UInt8] = []
    /// Whether the handshake is over.
    package private(set) var isOpen = false
    /// Whether the other side has said that it was all.
    package private(set) var isOver = false

    fileprivate init(_ tls: OpaquePointer, _ context: TLSContext) {
        unsafe self.tls = tls
        self.context = context
    }

    deinit { unsafe mneme_tls_free(tls) }

    /// Begins, or goes on with, the handshake.
    ///
    /// - Throws: `TLSError` where it failed; what says so to the other side waits to be sent.
    package func shake() throws(TLSError) {
        if isOpen { return }
        switch unsafe mneme_tls_shake(tls) {
        case 0: return
        case 1:
            isOpen = true
            let said = early
            early = []
            try write(said)
        default: throw failure
        }
    }

    /// Takes bytes that came, and returns what was said by them.
    ///
    /// - Throws: `TLSError`.
    package func receive(_ bytes: RawSpan) throws(TLSError) -> [UInt8] {
        let isTaken = unsafe bytes.withUnsafeBytes { bytes in
            unsafe mneme_tls_feed(tls, bytes.baseAddress, bytes.count) == 1
        }
        guard isTaken else { throw TLSError("there is no memory for what came") }
        try shake()
        guard isOpen else { return [] }
        var said: [UInt8] = []
        while !isOver {
            let before = said.count
            said.append(contentsOf: repeatElement(0, count: Self.pieceCount))
            let count = unsafe said.withUnsafeMutableBytes { said in
                let piece = unsafe UnsafeMutableRawBufferPointer(rebasing: said[before...])
                return unsafe mneme_tls_read(tls, piece.baseAddress, piece.count)
            }
            said.removeSubrange((before + max(0, count))...)
            switch count {
            case 0: return said
            case -1: isOver = true
            case ..<0: throw failure
            default: break
            }
        }
        return said
    }

    /// Says something.
    ///
    /// - Throws: `TLSError`.
    package func write(_ bytes: some Collection<UInt8>) throws(TLSError) {
        if bytes.isEmpty { return }
        guard isOpen else { return early.append(contentsOf: bytes) }
        let bytes = Array(bytes)
        let isSaid = unsafe bytes.withUnsafeBytes { bytes in
            unsafe mneme_tls_write(tls, bytes.baseAddress, bytes.count) == 1
        }
        guard isSaid else { throw failure }
    }

    /// Says that this was all.
    package func finish() { unsafe mneme_tls_finish(tls) }

    /// Takes what is to be sent.
    package func takeOutput() -> [UInt8] {
        let waiting = unsafe mneme_tls_waiting(tls)
        guard waiting > 0 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: waiting) { target, written in
            written = unsafe mneme_tls_take(tls, target.baseAddress, waiting)
        }
    }

    /// The common name in the certificate that the other side has shown; nil where it has none.
    package var peerName: String? {
        let name = unsafe toldText { (name, count) in
            _ = unsafe mneme_tls_peer(tls, name, count - 1)
        }
        return name.isEmpty ? nil : name
    }

    private var failure: TLSError {
        unsafe TLSError(toldText { (why, count) in unsafe mneme_tls_why(tls, why, count) })
    }
}

extension TLSSession {
    /// Whether the first bytes of a connection are those of TLS; nil where that is not known yet.
    ///
    /// A frame of the wire whose length begins so has a zero at its fourth byte; a handshake of TLS
    /// is a record of a byte 22 and a version 3.0 to 3.4.
    package static func isSpoken(by bytes: RawSpan) -> Bool? {
        guard bytes.byteCount >= 3 else { return nil }
        let first = unsafe bytes.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
        let major = unsafe bytes.unsafeLoad(fromByteOffset: 1, as: UInt8.self)
        let minor = unsafe bytes.unsafeLoad(fromByteOffset: 2, as: UInt8.self)
        return first == 22 && major == 3 && (1...4).contains(minor)
    }
}
