// Where a server listens and a client connects, as text: `127.0.0.1:7411`, `localhost:7411`,
// `[::1]:7411`, `:7411` (this machine alone), `unix:/run/mneme.sock`. Printing what was parsed
// gives the same address again.

/// Where a server listens.
package enum Address: Equatable, Hashable, Sendable {
    /// A host, as a name or as a number without brackets, and a port; port 0 lets the system
    /// choose one when a server listens.
    case tcp(host: String, port: UInt16)
    /// The path of a socket in the file system.
    case unix(path: String)
}

/// Why a text is no address.
package enum AddressProblem: Equatable, Sendable {
    /// There is no text.
    case empty
    /// The text names a protocol, as in `http://`.
    case hasScheme(String)
    /// There is no colon with a port behind the host.
    case portMissing
    /// What stands behind the last colon is no number from 0 to 65,535.
    case portBad(String)
    /// More than one colon and no brackets.
    case bracketsMissing
    /// A bracket without its other half, or something between it and the port.
    case bracketsBad
    /// The host in brackets is no IPv6 number.
    case notIPv6(String)
    /// The host has digits and dots only, and is no IPv4 number.
    case notIPv4(String)
    /// The host has something in it that no name has.
    case hostBad(String)
    /// A path by itself, which is not said to be a socket's.
    case schemeMissing(path: String)
    /// The path does not begin with a slash.
    case pathNotAbsolute
    /// The path has more bytes than a socket's may have.
    case pathTooLong(byteCount: Int)
    /// The path has a zero byte in it.
    case pathBad
    /// A server was told to listen on a name.
    case nameForListening(String)
    /// A client was told to connect to port 0.
    case portZero
}

extension Address {
    /// How many bytes the path of a Unix socket may have.
    package static let pathLimit = 107
    /// How many bytes the name of a host may have (RFC 1035).
    static let nameLimit = 253

    /// Reads an address.
    ///
    /// - Throws: `.badAddress`, whose text says what to write instead.
    package init(parsing text: String) throws(TransportError) {
        func bad(_ problem: AddressProblem) -> TransportError {
            .badAddress(text: text, problem: problem)
        }
        guard !text.isEmpty else { throw bad(.empty) }
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            if let problem = Self.problem(path: path) { throw bad(problem) }
            self = .unix(path: path)
            return
        }
        if text.hasPrefix("/") { throw bad(.schemeMissing(path: text)) }
        if let mark = text.firstRange(of: "://") {
            throw bad(.hasScheme(String(text[..<mark.upperBound])))
        }
        guard let colon = text.lastIndex(of: ":") else { throw bad(.portMissing) }
        var host = String(text[..<colon])
        if text.hasPrefix("[") {
            guard let bracket = text.lastIndex(of: "]") else { throw bad(.bracketsBad) }
            guard bracket < colon else { throw bad(.portMissing) }
            guard text.index(after: bracket) == colon else { throw bad(.bracketsBad) }
            host = String(text[text.index(after: text.startIndex)..<bracket])
            guard SocketAddress(version6: host, port: 0) != nil else { throw bad(.notIPv6(host)) }
        } else if let problem = Self.problem(plainHost: host) {
            throw bad(problem)
        }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty else { throw bad(.portMissing) }
        guard digits.utf8.allSatisfy(Self.isDigit), let port = UInt16(digits) else {
            throw bad(.portBad(String(digits)))
        }
        self = .tcp(host: host.isEmpty ? "127.0.0.1" : host, port: port)
    }

    /// Reads an address whose port may be left out.
    ///
    /// - Throws: as the other.
    package init(parsing text: String, standardPort: UInt16) throws(TransportError) {
        do throws(TransportError) {
            try self.init(parsing: text)
        } catch {
            guard case .badAddress(_, .portMissing) = error, text.last != ":" else { throw error }
            try self.init(parsing: "\(text):\(standardPort)")
        }
    }

    /// Whether only this machine can reach it: `localhost`, 127.0.0.0/8, ::1, Unix sockets.
    ///
    /// A name other than `localhost` is not, whatever it resolves to.
    package var isLoopback: Bool {
        switch self {
        case .unix: true
        case .tcp(let host, _):
            Self.isLocalhost(host) || SocketAddress(number: host, port: 0)?.isLoopback == true
        }
    }

    static func isLocalhost(_ host: String) -> Bool { host.lowercased() == "localhost" }

    static func problem(path: String) -> AddressProblem? {
        if !path.hasPrefix("/") { return .pathNotAbsolute }
        if path.utf8.contains(0) { return .pathBad }
        if path.utf8.count > pathLimit { return .pathTooLong(byteCount: path.utf8.count) }
        return nil
    }

    private static func problem(plainHost host: String) -> AddressProblem? {
        if host.contains(":") { return .bracketsMissing }
        if host.contains("[") || host.contains("]") { return .bracketsBad }
        guard host.utf8.count <= nameLimit, host.utf8.allSatisfy(isPartOfName) else {
            return .hostBad(host)
        }
        if !host.isEmpty, host.utf8.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") }),
            SocketAddress(version4: host, port: 0) == nil
        {
            return .notIPv4(host)
        }
        return nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return isDigit(byte) || (letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z"))
            || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
}

extension Address: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:" + path
        }
    }
}

extension AddressProblem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty:
            "it is empty; write host:port, [::1]:port, :port or unix:/path"
        case .hasScheme(let scheme):
            "leave out \(scheme) and write host:port"
        case .portMissing:
            "the port is missing; write host:port, as in 127.0.0.1:7411"
        case .portBad(let port):
            "\"\(port)\" is no port; write a number from 0 to 65535"
        case .bracketsMissing:
            "put brackets around the IPv6 number, as in [::1]:7411"
        case .bracketsBad:
            "brackets stand around an IPv6 number, with the port behind, as in [::1]:7411"
        case .notIPv6(let host):
            "\"\(host)\" in brackets is no IPv6 number; write one, as in [::1]:7411"
        case .notIPv4(let host):
            "\(host) is no IPv4 number; write four numbers from 0 to 255, as in 127.0.0.1:7411"
        case .hostBad(let host):
            "\"\(host)\" is no host; names have letters, digits, dots and hyphens"
        case .schemeMissing(let path):
            "a path is that of a Unix socket; write unix:\(path)"
        case .pathNotAbsolute:
            "the path of a socket begins with a slash, as in unix:/run/mneme.sock"
        case .pathTooLong(let byteCount):
            "the path has \(byteCount) bytes, \(Address.pathLimit) are allowed; choose another"
        case .pathBad:
            "the path has a zero byte in it; take it out"
        case .nameForListening(let name):
            "a server listens on a number, not on the name \(name); write that of an interface of"
                + " this machine, as in 127.0.0.1:7411, or 0.0.0.0:7411 for all of them"
        case .portZero:
            "port 0 is for servers that let the system choose; write the port that the server told"
        }
    }
}
