// Responses of more than one frame, which wait for credit: one after the other, as they were given.

/// Long responses on their way.
struct ResponseStreams: Sendable {
    /// A response that is not all sent.
    struct Stream: Sendable {
        let id: UInt32
        let opcode: UInt16
        let bytes: [UInt8]
        var sent = 0
    }

    private var streams: [Stream] = []
    /// Bytes that are not sent.
    private(set) var waitingCount = 0

    var isEmpty: Bool { streams.isEmpty }

    /// Adds a response behind the others.
    mutating func add(_ stream: Stream) {
        streams.append(stream)
        waitingCount += stream.bytes.count
    }

    /// Takes a response out, however much of it was sent.
    mutating func remove(_ id: UInt32) {
        streams.removeAll { stream in
            guard stream.id == id else { return false }
            waitingCount -= stream.bytes.count - stream.sent
            return true
        }
    }

    /// Writes the next frame of the first one, of at most `most` bytes, and says how many and
    /// whether it was the last one.
    ///
    /// - Precondition: there is one, and `most` is above 0.
    mutating func writeChunk(
        to writer: inout FrameWriter,
        most: Int
    ) -> (id: UInt32, count: Int, isLast: Bool) {
        let stream = streams[0]
        let count = min(stream.bytes.count - stream.sent, min(most, WireLimits.chunk))
        let end = stream.sent + count
        let isLast = end == stream.bytes.count
        writer.put(
            FrameHead(
                .response,
                flags: isLast ? .last : [],
                opcode: stream.opcode,
                id: stream.id,
                payloadCount: count
            ),
            stream.bytes[stream.sent..<end]
        )
        waitingCount -= count
        streams[0].sent = end
        if isLast { streams.removeFirst() }
        return (stream.id, count, isLast)
    }
}
