// The numbers of the protocol, and what a server may choose: formats/wire.md.

/// Numbers that both sides hold.
package enum WireLimits {
    /// The one version that this code speaks.
    package static let version: UInt16 = 1
    /// Bytes of a frame before the welcome, and of any that is no request and no response.
    package static let smallFrame = 4096
    /// Bytes of payload in one frame of a response.
    package static let chunk = 65_536
    /// Bytes of a frame that a client takes.
    package static let clientFrame = FrameHead.byteCount + chunk
    /// Bytes of credit that may be outstanding.
    package static let credit = 1 << 30
    /// Bytes of an idempotency key.
    package static let key = 64
    /// What a welcome may allow at most, in bytes of a frame or a response.
    package static let most = 1 << 30
}

/// Features of a connection.
package struct WireFeatures: OptionSet, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Compressed payloads; reserved.
    package static let lz4 = WireFeatures(rawValue: 1)
    /// Keys of requests.
    package static let idempotency = WireFeatures(rawValue: 2)

    /// What this code can do.
    package static let known: WireFeatures = [.idempotency]
}

/// What a server holds a connection to.
package struct ServerLimits: Equatable, Sendable {
    /// Bytes of a frame, its length field included.
    package var largestFrame = 16 << 20
    /// Requests without an answer.
    package var requestsInFlight = 256
    /// Bytes of their payloads.
    package var bytesInFlight = 32 << 20
    /// Bytes of a whole response.
    package var largestResponse = 64 << 20
    /// Bytes ready to be sent above which nothing more is read.
    package var waitingOutput = 256 << 10
    /// Bytes of responses that wait for credit above which no request is begun.
    package var waitingResponses = 8 << 20
    /// The deadline of requests that have none, in milliseconds; 0: none.
    package var defaultDeadlineMilliseconds: UInt32 = 0

    /// The limits as above.
    package init() {}
}
