// An address as the system takes it: the bytes of a `sockaddr`. Made from numbers without asking
// anybody; names are resolved for clients alone, by a call that may wait for the network.

internal import Glibc

/// The bytes of a `sockaddr_in`, `sockaddr_in6` or `sockaddr_un`.
package struct SocketAddress: Equatable, Hashable, Sendable {
    let bytes: [UInt8]

    /// The bytes that the system wrote.
    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The protocol family, as in AF_INET.
    var family: Int32 {
        guard bytes.count >= 2 else { return AF_UNSPEC }
        return Int32(UInt16(bytes[0]) | UInt16(bytes[1]) << 8)
    }

    /// An IPv4 number; nil where it is none.
    init?(version4 host: String, port: UInt16) {
        var number = in_addr()
        guard unsafe inet_pton(AF_INET, host, &number) == 1 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = number
        bytes = unsafe Swift.withUnsafeBytes(of: address) { unsafe Array($0) }
    }

    /// An IPv6 number without brackets; nil where it is none.
    init?(version6 host: String, port: UInt16) {
        var number = in6_addr()
        guard unsafe inet_pton(AF_INET6, host, &number) == 1 else { return nil }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        address.sin6_addr = number
        bytes = unsafe Swift.withUnsafeBytes(of: address) { unsafe Array($0) }
    }

    /// A number of either kind; nil for a name.
    init?(number host: String, port: UInt16) {
        if let address = SocketAddress(version4: host, port: port) {
            self = address
        } else if let address = SocketAddress(version6: host, port: port) {
            self = address
        } else {
            return nil
        }
    }

    /// The path of a Unix socket.
    ///
    /// - Precondition: the path has at most `Address.pathLimit` bytes and none that is zero.
    init(path: String) {
        precondition(Address.problem(path: path) == nil, "a path that no socket can have")
        let family = UInt16(AF_UNIX)
        bytes =
            [UInt8(truncatingIfNeeded: family), UInt8(family >> 8)] + Array(path.utf8) + [0]
    }

    /// Whether only this machine can have it.
    package var isLoopback: Bool {
        switch family {
        case AF_UNIX: return true
        case AF_INET: return bytes.count >= 8 && bytes[4] == 127
        case AF_INET6:
            guard bytes.count >= 24 else { return false }
            let head = bytes[8..<18].allSatisfy { $0 == 0 }
            if head, bytes[18] == 0xff, bytes[19] == 0xff { return bytes[20] == 127 }
            return bytes[8..<23].allSatisfy { $0 == 0 } && bytes[23] == 1
        default: return false
        }
    }

    /// The address as it is written.
    ///
    /// A peer on a Unix socket has no name of its own: its path is empty.
    package var address: Address {
        switch family {
        case AF_INET where bytes.count >= 8:
            return .tcp(host: text(of: AF_INET, at: 4), port: port)
        case AF_INET6 where bytes.count >= 24:
            return .tcp(host: text(of: AF_INET6, at: 8), port: port)
        default:
            return .unix(
                path: String(decoding: bytes.dropFirst(2).prefix { $0 != 0 }, as: UTF8.self)
            )
        }
    }

    private var port: UInt16 { UInt16(bytes[2]) << 8 | UInt16(bytes[3]) }

    private func text(of family: Int32, at offset: Int) -> String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        return unsafe bytes.withUnsafeBytes { source in
            unsafe text.withUnsafeMutableBufferPointer { target in
                guard let start = source.baseAddress, let base = target.baseAddress,
                    let written = unsafe inet_ntop(
                        family,
                        start + offset,
                        base,
                        socklen_t(target.count)
                    )
                else { return "?" }
                return unsafe String(cString: written)
            }
        }
    }

    /// Lends the bytes to a call of the system.
    func with(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        unsafe bytes.withUnsafeBytes { buffer in
            // SAFETY: arrays are aligned to 16 bytes; the call reads no further than the length.
            guard let base = buffer.baseAddress else { return -1 }
            return unsafe body(
                base.assumingMemoryBound(to: sockaddr.self),
                socklen_t(buffer.count)
            )
        }
    }

    /// Takes the bytes that a call of the system writes; nil where it fails.
    static func taking(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let bytes: [UInt8]? = unsafe Swift.withUnsafeMutableBytes(of: &storage) { buffer in
            guard let base = buffer.baseAddress,
                unsafe body(base.assumingMemoryBound(to: sockaddr.self), &length) == 0
            else { return nil }
            return unsafe Array(buffer.prefix(Int(length)))
        }
        return bytes.map { SocketAddress(bytes: $0) }
    }
}

extension Address {
    /// What a server binds to.
    ///
    /// - Throws: `.badAddress` for a name other than `localhost`: what a name means is not this
    ///   machine's to decide.
    func listening() throws(TransportError) -> SocketAddress {
        switch self {
        case .unix(let path): return try Self.checked(path: path)
        case .tcp(let host, let port):
            let number = Self.isLocalhost(host) ? "127.0.0.1" : host
            if let address = SocketAddress(number: number, port: port) { return address }
            throw .badAddress(text: description, problem: .nameForListening(host))
        }
    }

    /// Where a client may try to connect, the best first.
    ///
    /// Names may wait for the network: do not call it on a loop's thread.
    ///
    /// - Throws: `.unknownHost`, or `.badAddress` for port 0 or an impossible path.
    package func resolve() throws(TransportError) -> [SocketAddress] {
        switch self {
        case .unix(let path): return [try Self.checked(path: path)]
        case .tcp(let host, let port):
            guard port > 0 else { throw .badAddress(text: description, problem: .portZero) }
            if let address = SocketAddress(number: host, port: port) { return [address] }
            return try Self.lookUp(host, port)
        }
    }

    private static func checked(path: String) throws(TransportError) -> SocketAddress {
        if let problem = problem(path: path) {
            throw .badAddress(text: "unix:" + path, problem: problem)
        }
        return SocketAddress(path: path)
    }

    private static func lookUp(
        _ host: String,
        _ port: UInt16
    ) throws(TransportError)
        -> [SocketAddress]
    {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else {
            let system = TransportError.text(of: errno)
            let reason = unsafe code == EAI_SYSTEM ? system : String(cString: gai_strerror(code))
            throw .unknownHost(name: host, reason: reason)
        }
        defer { unsafe freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            if let address = unsafe entry.pointee.ai_addr {
                let count = unsafe Int(entry.pointee.ai_addrlen)
                let bytes = unsafe UnsafeRawBufferPointer(start: address, count: count)
                found.append(unsafe SocketAddress(bytes: Array(bytes)))
            }
            unsafe next = entry.pointee.ai_next
        }
        guard !found.isEmpty else { throw .unknownHost(name: host, reason: "no address") }
        return found
    }
}
