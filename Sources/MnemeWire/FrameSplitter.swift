// Cuts a stream of bytes into frames, however it comes in pieces. The buffer grows by what has come
// and is never made ready for what a length promises.

internal import MnemeBase

/// What was received and not yet read.
struct FrameSplitter: Sendable {
    /// Room that is kept when everything was read: thousands of connections have some.
    static let keptCapacity = 16 << 10

    /// Bytes of a frame that are taken.
    var limit: Int

    private var bytes: [UInt8] = []
    private var start = 0
    /// How many frames were whole so far.
    private(set) var frameCount: UInt64 = 0

    init(limit: Int) { self.limit = limit }

    /// How much room there is.
    var capacity: Int { bytes.capacity }

    /// How many bytes wait.
    var waitingCount: Int { bytes.count - start }

    /// Adds what came.
    ///
    /// - Complexity: O(*n*) in what came; what waits is moved only when it is the smaller part.
    mutating func append(_ source: RawSpan) {
        makeRoom()
        bytes.append(copying: source)
    }

    /// Adds what came.
    mutating func append(_ source: [UInt8], _ range: Range<Int>) {
        makeRoom()
        bytes.append(contentsOf: source[range])
    }

    private mutating func makeRoom() {
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= FrameSplitter.keptCapacity)
            start = 0
        } else if start > bytes.count / 2 {
            bytes.removeSubrange(0..<start)
            start = 0
        }
    }

    /// The next whole frame; nil until it is there.
    ///
    /// - Throws: what is wrong with its head, as soon as that is there. Nothing can be read after.
    mutating func next() throws(WireError) -> Frame? {
        guard bytes.count - start >= FrameHead.byteCount else {
            if start == bytes.count, bytes.capacity > FrameSplitter.keptCapacity { drop() }
            return nil
        }
        let head = try FrameHead(bytes, at: start, limit: limit)
        let first = start + FrameHead.byteCount
        guard bytes.count - first >= head.payloadCount else { return nil }
        start = first + head.payloadCount
        frameCount += 1
        return Frame(head: head, payload: Payload(bytes, first..<start))
    }

    /// Forgets what waits.
    mutating func drop() {
        bytes = []
        start = 0
    }
}
