// The server's answer to a hello: formats/wire.md#welcome.

internal import MnemeBase

/// What was agreed.
package struct Welcome: Equatable, Sendable {
    /// The version that is spoken from now on.
    package var version = WireLimits.version
    /// The features that are used from now on.
    package var features: WireFeatures = []
    /// How many requests a client may have without an answer.
    package var requestsInFlight: Int
    /// Bytes of a frame that the server takes, its length field included.
    package var largestFrame: Int
    /// Bytes of the payloads of all requests without an answer.
    package var bytesInFlight: Int
    /// Bytes of a whole response.
    package var largestResponse: Int
    /// Identity of the store, high half first.
    package var identityHigh: UInt64
    package var identityLow: UInt64
    /// Name and version of the server's program.
    package var server: String

    /// The welcome of a server with these limits.
    package init(
        _ limits: ServerLimits,
        identityHigh: UInt64,
        identityLow: UInt64,
        server: String
    ) {
        requestsInFlight = limits.requestsInFlight
        largestFrame = limits.largestFrame
        bytesInFlight = limits.bytesInFlight
        largestResponse = limits.largestResponse
        self.identityHigh = identityHigh
        self.identityLow = identityLow
        self.server = server
    }

    /// Reads a payload.
    ///
    /// - Throws: `.malformed`, also for limits that the protocol does not allow.
    package init(_ payload: Payload) throws(WireError) {
        guard let welcome = Welcome.read(payload), welcome.isSound else {
            throw .malformed(.welcome)
        }
        self = welcome
    }

    private static func read(_ payload: Payload) -> Welcome? {
        var reader = ByteReader(payload.bytes, payload.range)
        guard let version: UInt16 = try? reader.get(), let zero: UInt16 = try? reader.get(),
            let requests: UInt32 = try? reader.get(), let features: UInt64 = try? reader.get(),
            let frame: UInt32 = try? reader.get(), let bytes: UInt32 = try? reader.get(),
            let response: UInt64 = try? reader.get(), response <= UInt64(WireLimits.most),
            let high: UInt64 = try? reader.get(), let low: UInt64 = try? reader.get(),
            let server = reader.countedText(limit: 255), zero == 0, reader.remaining == 0
        else { return nil }
        var limits = ServerLimits()
        limits.requestsInFlight = Int(requests)
        limits.largestFrame = Int(frame)
        limits.bytesInFlight = Int(bytes)
        limits.largestResponse = Int(response)
        var welcome = Welcome(limits, identityHigh: high, identityLow: low, server: server)
        welcome.version = version
        welcome.features = WireFeatures(rawValue: features)
        return welcome
    }

    /// Whether the limits are those that a welcome may have.
    var isSound: Bool {
        (1...65_535).contains(requestsInFlight)
            && (WireLimits.smallFrame...WireLimits.most).contains(largestFrame)
            && bytesInFlight >= largestFrame && bytesInFlight <= Int(UInt32.max)
            && (WireLimits.chunk...WireLimits.most).contains(largestResponse)
    }

    /// The payload.
    ///
    /// - Precondition: limits that the protocol allows.
    package var bytes: [UInt8] {
        precondition(isSound)
        var writer = ByteWriter()
        writer.put(version)
        writer.put(UInt16(0))
        writer.put(UInt32(requestsInFlight))
        writer.put(features.rawValue)
        writer.put(UInt32(largestFrame))
        writer.put(UInt32(bytesInFlight))
        writer.put(UInt64(largestResponse))
        writer.put(identityHigh)
        writer.put(identityLow)
        writer.put(counted: server, limit: 255)
        return writer.bytes
    }
}
