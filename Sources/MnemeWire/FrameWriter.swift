// Frames that wait to be sent, in one buffer. Bodies are encoded in place, behind a head whose
// length is filled in afterwards.

internal import MnemeBase

/// Bytes to be sent.
struct FrameWriter: Sendable {
    /// Room that is kept when everything was sent: thousands of connections have some.
    static let keptCapacity = 16 << 10

    private var bytes: [UInt8] = []
    private var start = 0

    /// How much room there is.
    var capacity: Int { bytes.capacity }

    /// How many bytes wait.
    var waitingCount: Int { bytes.count - start }

    /// What waits, in order.
    var waiting: ArraySlice<UInt8> { bytes[start...] }

    /// Forgets what was sent.
    ///
    /// - Precondition: at least `count` bytes wait.
    mutating func discard(_ count: Int) {
        precondition(count >= 0 && count <= waitingCount)
        start += count
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= FrameWriter.keptCapacity)
            start = 0
        } else if start > bytes.count / 2, start > WireLimits.chunk {
            bytes.removeSubrange(0..<start)
            start = 0
        }
    }

    /// Gives everything that waits away.
    mutating func take() -> [UInt8] {
        if start > 0 { bytes.removeSubrange(0..<start) }
        start = 0
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        return taken
    }

    /// Appends a head; `payloadCount` bytes follow.
    mutating func put(_ head: FrameHead) {
        var writer = ByteWriter()
        swap(&writer.bytes, &bytes)
        let length = UInt64(UInt32(head.payloadCount + FrameHead.byteCount - 4))
        writer.put(
            length | UInt64(head.kind.rawValue) << 32 | UInt64(head.flags.rawValue) << 40
                | UInt64(head.opcode) << 48
        )
        writer.put(head.id)
        swap(&writer.bytes, &bytes)
    }

    /// Appends a frame.
    mutating func put(_ head: FrameHead, _ payload: ArraySlice<UInt8>) {
        put(head)
        bytes.append(contentsOf: payload)
    }

    /// Appends a frame whose payload `write` appends as CBOR, and says how long that came out.
    ///
    /// - Throws: what `write` throws; nothing is appended then.
    mutating func put<Failure: Error>(
        _ head: FrameHead,
        _ write: (inout CBORWriter) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        let frame = bytes.count
        put(head)
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        var writer = CBORWriter(appendingTo: taken)
        taken = []
        do {
            try write(&writer)
        } catch {
            swap(&writer.bytes, &bytes)
            bytes.removeSubrange(frame...)
            throw error
        }
        swap(&writer.bytes, &bytes)
        let length = bytes.count - frame - 4
        for index in 0..<4 {
            bytes[frame + index] = UInt8(truncatingIfNeeded: length >> (8 * index))
        }
        return length + 4 - FrameHead.byteCount
    }

    /// Takes the last frame back, whose payload has `count` bytes.
    mutating func takeBackLast(payloadCount count: Int) -> [UInt8] {
        let payload = Array(bytes[(bytes.count - count)...])
        bytes.removeLast(count + FrameHead.byteCount)
        return payload
    }
}
