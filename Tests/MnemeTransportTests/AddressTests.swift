import Testing

@testable import MnemeTransport

@Suite struct AddressTests {
    @Test(arguments: [
        ("127.0.0.1:7070", "127.0.0.1:7070"),
        (":7070", "127.0.0.1:7070"),
        (":0", "127.0.0.1:0"),
        ("localhost:1", "localhost:1"),
        ("[::1]:65535", "[::1]:65535"),
        ("[::]:80", "[::]:80"),
        ("[fe80::12:34ab]:443", "[fe80::12:34ab]:443"),
        ("0.0.0.0:007", "0.0.0.0:7"),
        ("db-1.example_net.org:9", "db-1.example_net.org:9"),
        ("unix:/run/mneme.sock", "unix:/run/mneme.sock"),
        ("unix:/with space:and [colon]", "unix:/with space:and [colon]"),
    ])
    func goodOnesArePrintedAsTheyAre(text: String, printed: String) throws {
        let address = try Address(parsing: text)
        #expect(address.description == printed)
        #expect(try Address(parsing: printed) == address)
    }

    @Test(arguments: [
        ("", AddressProblem.empty),
        ("localhost", .portMissing),
        ("localhost:", .portMissing),
        ("[::1]", .portMissing),
        ("[::1]:", .portMissing),
        ("http://localhost:80", .hasScheme("http://")),
        ("mneme://x", .hasScheme("mneme://")),
        ("localhost:65536", .portBad("65536")),
        ("localhost:-1", .portBad("-1")),
        ("localhost:+1", .portBad("+1")),
        ("localhost: 1", .portBad(" 1")),
        ("localhost:http", .portBad("http")),
        ("localhost:999999999999999999999", .portBad("999999999999999999999")),
        ("::1:7070", .bracketsMissing),
        ("fe80::1", .bracketsMissing),
        ("[::1:7070", .bracketsBad),
        ("::1]:7070", .bracketsMissing),
        ("x]:7070", .bracketsBad),
        ("[::1]x:7070", .bracketsBad),
        ("[]:7070", .notIPv6("")),
        ("[127.0.0.1]:7070", .notIPv6("127.0.0.1")),
        ("[::1%lo]:7070", .notIPv6("::1%lo")),
        ("256.0.0.1:80", .notIPv4("256.0.0.1")),
        ("127.1:80", .notIPv4("127.1")),
        ("8080:80", .notIPv4("8080")),
        ("a b:80", .hostBad("a b")),
        ("*:80", .hostBad("*")),
        ("häuser:80", .hostBad("häuser")),
        ("a/b:80", .hostBad("a/b")),
        ("unix:", .pathNotAbsolute),
        ("unix:run/x", .pathNotAbsolute),
        ("unix:/a\u{0}b", .pathBad),
    ])
    func badOnesAreRefusedWithAReason(text: String, problem: AddressProblem) {
        let wanted = TransportError.badAddress(text: text, problem: problem)
        #expect(throws: wanted) { try Address(parsing: text) }
        #expect(wanted.description.contains(problem.description))
    }

    @Test func limitsAreExact() throws {
        let path = "/" + String(repeating: "p", count: 106)
        #expect(try Address(parsing: "unix:" + path) == .unix(path: path))
        #expect(
            throws: TransportError.badAddress(
                text: "unix:\(path)p",
                problem: .pathTooLong(byteCount: 108)
            )
        ) {
            try Address(parsing: "unix:\(path)p")
        }
        let host = String(repeating: "h", count: 253)
        #expect(try Address(parsing: host + ":1") == .tcp(host: host, port: 1))
        #expect(
            throws: TransportError.badAddress(text: "h\(host):1", problem: .hostBad("h\(host)"))
        ) {
            try Address(parsing: "h\(host):1")
        }
    }

    @Test(arguments: [
        ("127.0.0.1:1", true), ("127.255.3.4:1", true), (":1", true), ("localhost:1", true),
        ("LocalHost:1", true), ("[::1]:1", true), ("[::ffff:127.0.0.1]:1", true),
        ("unix:/x", true), ("0.0.0.0:1", false), ("128.0.0.1:1", false), ("[::]:1", false),
        ("[::2]:1", false), ("[::ffff:10.0.0.1]:1", false), ("[1::1]:1", false),
        ("127.example.org:1", false),
    ])
    func loopbackIsKnown(text: String, isLoopback: Bool) throws {
        #expect(try Address(parsing: text).isLoopback == isLoopback)
    }

    @Test(arguments: ["127.0.0.1:7070", "[::1]:0", "[fe80::12]:9", "unix:/run/a.sock"])
    func theSystemsFormKeepsAddresses(text: String) throws {
        let address = try Address(parsing: text)
        #expect(try address.listening().address == address)
        #expect(try address.listening().isLoopback == address.isLoopback)
    }

    @Test func namesAreForClients() throws {
        let loopback = try Address(parsing: "localhost:5").listening()
        #expect(loopback.address == .tcp(host: "127.0.0.1", port: 5))
        #expect(
            throws: TransportError.badAddress(
                text: "example.org:5",
                problem: .nameForListening("example.org")
            )
        ) {
            try Address(parsing: "example.org:5").listening()
        }
        let found = try Address(parsing: "localhost:5").resolve()
        #expect(!found.isEmpty && found.allSatisfy { $0.isLoopback })
        #expect(throws: TransportError.badAddress(text: "127.0.0.1:0", problem: .portZero)) {
            try Address(parsing: ":0").resolve()
        }
    }

    @Test func aNameThatNobodyHasIsUnknown() {
        // RFC 6761: no name under .invalid ever exists.
        let error = #expect(throws: TransportError.self) {
            try Address.tcp(host: "nobody.invalid", port: 1).resolve()
        }
        guard case .unknownHost("nobody.invalid", _) = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
    }
}
