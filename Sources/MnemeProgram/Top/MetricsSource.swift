// Where a server tells its figures, asked over plain HTTP: one connection for each answer, read to
// its end. Source: RFC 9112.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine
internal import MnemeTransport

/// The address of a server's figures.
struct MetricsSource: Hashable, Sendable {
    let address: Address
    let path: String

    /// How long an answer is waited for.
    private static let timeout: Microseconds = 10_000_000
    /// No answer has more bytes.
    private static let largest = 64 << 20

    /// Reads `HOST:PORT`, or `http://HOST:PORT` with a path, `/metrics` where there is none.
    ///
    /// - Throws: `CommandLineError` for what is no address.
    init(_ text: String) throws(CommandLineError) {
        guard !text.hasPrefix("https:") else {
            throw CommandLineError(
                "--metrics: figures are told over plain HTTP alone, and \(text) asks for TLS. Give "
                    + "HOST:PORT of the server's own --metrics."
            )
        }
        var place = text.hasPrefix("http://") ? text.dropFirst(7) : text[...]
        var path = "/metrics"
        if !place.hasPrefix("unix:"), let slash = place.firstIndex(of: "/") {
            if place[slash...] != "/" { path = String(place[slash...]) }
            place = place[..<slash]
        }
        let isWhole = path.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7f }
        guard isWhole else {
            throw CommandLineError(
                "--metrics: \(path.shown) is no path of a request. Give HOST:PORT alone."
            )
        }
        do throws(TransportError) {
            address = try Address(parsing: String(place))
        } catch {
            throw CommandLineError("--metrics: \(error).")
        }
        self.path = path
    }

    /// Asks for the figures as they are now.
    ///
    /// - Throws: `Failure` where nobody answers, or with something else.
    func read() throws(Failure) -> MetricsReading { try MetricsReading(try text()) }

    private func text() throws(Failure) -> String {
        let answer: [UInt8]
        do throws(TransportError) {
            answer = try ask()
        } catch {
            throw Failure("No figures came from \(address): \(error).", code: .disconnected)
        }
        return try Self.body(answer, of: "\(address)")
    }

    private func ask() throws(TransportError) -> [UInt8] {
        let connection = try BlockingConnection(to: address, timeoutMicroseconds: Self.timeout)
        try connection.setReceiveTimeout(Self.timeout)
        try connection.setSendTimeout(Self.timeout)
        let request = "GET \(path) HTTP/1.0\r\nHost: \(address)\r\nConnection: close\r\n\r\n"
        try connection.send(Array(request.utf8))
        var answer: [UInt8] = []
        while answer.count <= Self.largest {
            let part = try connection.receive(atMost: 1 << 16)
            if part.isEmpty { break }
            answer += part
        }
        return answer
    }

    /// The body of an answer that was read to its end.
    ///
    /// - Throws: `Failure` where it is none of HTTP, not of status 200, cut off, or no text.
    static func body(_ answer: [UInt8], of place: String) throws(Failure) -> String {
        let gap = Array("\r\n\r\n".utf8)
        guard answer.starts(with: Array("HTTP/1.".utf8)), let end = answer.firstRange(of: gap),
            let head = String(validating: answer[..<end.lowerBound], as: UTF8.self)
        else {
            throw Failure(
                "What answers at \(place) speaks no HTTP. Give the address of a server's "
                    + "--metrics, and not that which clients connect to.",
                code: .badRequest
            )
        }
        let lines = head.components(separatedBy: "\r\n")
        let status = lines[0].split(separator: " ").dropFirst().first ?? ""
        guard status == "200" else {
            throw Failure(
                "\(place) answers with status \(String(status).shown). Give the address of a "
                    + "server's --metrics.",
                code: .badRequest
            )
        }
        let body = answer[end.upperBound...]
        let stated = lines.dropFirst().lazy.compactMap { line -> Int? in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
            return Int(parts[1].trimming())
        }.first
        guard stated.map({ $0 == body.count }) ?? true, answer.count <= largest else {
            throw Failure(
                "The answer of \(place) was cut off. Ask again.",
                code: .disconnected
            )
        }
        guard let text = String(validating: body, as: UTF8.self) else {
            throw Failure("\(place) answers with what is no text.", code: .badText)
        }
        return text
    }
}

extension Substring {
    /// Without blanks at either end.
    fileprivate func trimming() -> Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...last]
    }
}

extension String {
    /// Its parts between separators, empty ones too.
    fileprivate func components(separatedBy separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
