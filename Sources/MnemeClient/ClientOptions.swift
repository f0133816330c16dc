// How a client connects and how long it waits: for both kinds of client.

internal import MnemeBase
public import MnemeModel
internal import MnemeWire

/// How a client connects and how long it waits.
public struct ClientOptions: Sendable {
    /// How many connections a `Client` may have at once, at least 1.
    ///
    /// The first is made at once, the others when those that are there have requests in flight. A
    /// `BlockingClient` has one.
    public var connections = 2
    /// How long a request may take, the wait for a connection included.
    ///
    /// The server hears of it and ends the request in time; a read ends here then in any case.
    public var timeout: Duration = .seconds(30)
    /// How long one attempt to connect may take, up to the server's welcome.
    public var connectTimeout: Duration = .seconds(5)
    /// How long commits are waited for when a call does not say; as the server chooses when nil.
    ///
    /// `commit` says it itself.
    public var durability: Durability?
    /// How often, in all, a read is asked when connections are lost before its answer, at least 1.
    public var attempts = 3
    /// After how many failed attempts in a row to connect waiting requests fail, at least 1.
    ///
    /// Between the attempts are 50 milliseconds, then twice as many each time, up to 2 seconds,
    /// half of it by chance.
    public var reconnects = 6
    /// How many requests a `Client` takes at once, waiting ones and those in flight; one more fails
    /// with `tooManyRequests`.
    public var outstandingRequests = 16_384
    /// Bytes of a response that are taken, at least 65,536; a longer one fails with `tooLarge`.
    public var largestResponse = 64 << 20
    /// Whether a server may make the store when it has none of the name; else connecting fails with
    /// `unknownStore`.
    public var createsIfMissing = true
    /// The token that the server is shown; nil for servers that ask for none.
    public var token: String?
    /// How TLS is spoken; nil for servers that speak without.
    public var tls: ClientTLS?
    /// The program's name, which the server may write into its log.
    public var program = "mneme-client"
    /// The program's version, which the server may write into its log.
    public var programVersion = ""

    /// The defaults.
    public init() {}
}

extension ClientOptions {
    /// What a server is told at first.
    func hello(store: String) -> Hello {
        var hello = Hello(store: store, client: program, clientVersion: programVersion)
        hello.wantsExisting = !createsIfMissing
        if let token {
            hello.method = Hello.tokenMethod
            hello.token = Array(token.utf8.prefix(2048))
        } else if tls?.certificate != nil {
            hello.method = Hello.certificateMethod
        }
        return hello
    }

    /// How long a request may take: a watch that waits has that time besides.
    func time(for request: Request) -> Microseconds {
        let time = timeout.microseconds
        guard case .watch(let watch) = request else { return time }
        let wait = Microseconds(min(max(watch.waitMilliseconds, 0), 60_000)) * 1000
        let sum = time.addingReportingOverflow(wait)
        return sum.overflow ? .max : sum.partialValue
    }

    /// What a session takes.
    var limits: ClientLimits {
        var limits = ClientLimits()
        limits.largestResponse = max(WireLimits.chunk, largestResponse)
        return limits
    }
}

/// Times that no caller chooses.
enum Patience {
    /// How long the end of a write is waited for after its time-out, as the server may have been
    /// just in time.
    static let write: Microseconds = 1_000_000
    /// How long the end of a read is waited for after its time-out by a client that waits, so that
    /// the connection need not be given up.
    static let read: Microseconds = 100_000
    /// How long the end of a write is waited for after its task was cancelled.
    static let cancelled: Microseconds = 5_000_000
    /// How long requests in flight are waited for by `close`.
    static let closing: Microseconds = 5_000_000
    /// How long a server may be silent after a ping that followed a time-out.
    static let pong: Microseconds = 5_000_000
    /// The pause after the first failed attempt to connect, and the longest one.
    static let firstPause: Microseconds = 50_000
    static let longestPause: Microseconds = 2_000_000
    /// How often a request is sent again that servers refused because they shut down.
    static let refusals = 8

    /// The pause before the next attempt to connect: the half of it is chance, so that clients that
    /// lost one server do not come back in step.
    static func pause(afterFailures count: Int, _ randomness: any Randomness) -> Microseconds {
        let whole = min(longestPause, firstPause << Microseconds(min(max(0, count - 1), 16)))
        return whole / 2 + Microseconds(randomness.next() % UInt64(whole / 2 + 1))
    }
}

extension Duration {
    /// Whole microseconds, rounded down, at least 0; what does not fit is the longest time.
    var microseconds: Microseconds {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        // Half of all time is left for adding it to a clock.
        return overflow ? .max / 2 : min(.max / 2, whole + attoseconds / 1_000_000_000_000)
    }
}
