// What waits to be sent on one connection, in order. Small pieces are copied behind each other, so
// that many answers leave in one write; a large array is kept as it is and never copied.

internal import Glibc

/// Bytes to be sent.
struct OutputQueue {
    /// From here on an array is kept as a piece of its own.
    static let adoptionLimit = 16 << 10
    /// How large a piece of small ones grows.
    static let pieceLimit = 64 << 10

    /// The most room that a connection keeps while it has nothing to send.
    static let spareLimit = 16 << 10

    /// What a write came to.
    enum Outcome: Equatable {
        /// Nothing is left.
        case emptied
        /// The socket takes no more now, or had its share.
        case leftover
        /// The call failed with a code of `errno`.
        case failed(Int32)
    }

    private var pieces: [[UInt8]] = []
    /// The piece that is being sent, and where it goes on.
    private var first = 0
    private var offset = 0
    /// Whether the last piece is one of small ones, which may grow.
    private var lastMayGrow = false
    /// An emptied piece whose room is used again.
    private var spare: [UInt8] = []

    /// How many bytes wait.
    private(set) var byteCount = 0

    var isEmpty: Bool { byteCount == 0 }

    /// Adds an array, without a copy where it is large.
    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        guard bytes.count >= Self.adoptionLimit else { return append(small: bytes) }
        pieces.append(bytes)
        lastMayGrow = false
        byteCount += bytes.count
    }

    /// Adds a copy of bytes.
    mutating func append(_ bytes: RawSpan) {
        guard bytes.byteCount > 0 else { return }
        openPiece(for: bytes.byteCount)
        unsafe bytes.withUnsafeBytes { source in
            unsafe pieces[pieces.count - 1].append(contentsOf: source)
        }
        byteCount += bytes.byteCount
    }

    private mutating func append(small bytes: [UInt8]) {
        openPiece(for: bytes.count)
        pieces[pieces.count - 1].append(contentsOf: bytes)
        byteCount += bytes.count
    }

    /// Makes the last piece one that takes `count` more bytes.
    private mutating func openPiece(for count: Int) {
        if lastMayGrow, let last = pieces.last, last.count + count <= Self.pieceLimit { return }
        pieces.append(spare)
        spare = []
        lastMayGrow = true
    }

    /// Sends what the socket takes, in one call where everything lies in one piece.
    ///
    /// `budget` bounds the bytes, but for the rest of the piece in which it ends.
    mutating func write(to number: Int32, budget: Int) -> (outcome: Outcome, sent: Int) {
        var sent = 0
        while first < pieces.count, sent < budget {
            let wanted = pieces[first].count - offset
            let outcome = unsafe pieces[first].withUnsafeBytes { buffer in
                unsafe SocketCall.write(
                    number,
                    UnsafeRawBufferPointer(rebasing: buffer[offset...])
                )
            }
            switch outcome {
            case .moved(let count):
                sent += count
                byteCount -= count
                if count < wanted {
                    offset += count
                    return (.leftover, sent)
                }
                dropFirst()
            case .blocked: return (.leftover, sent)
            case .failed(let code): return (.failed(code), sent)
            }
        }
        return (isEmpty ? .emptied : .leftover, sent)
    }

    /// Forgets everything.
    mutating func removeAll() { self = OutputQueue() }

    private mutating func dropFirst() {
        if first == pieces.count - 1, lastMayGrow {
            // The usual case: one piece of small ones was sent; its room serves the next answers.
            spare = pieces.removeLast()
            spare.removeAll(keepingCapacity: spare.capacity <= Self.spareLimit)
        } else {
            pieces[first] = []
        }
        first += 1
        offset = 0
        if first >= pieces.count {
            pieces.removeAll(keepingCapacity: pieces.capacity <= 16)
            first = 0
            lastMayGrow = false
        } else if first >= 32, first * 2 > pieces.count {
            pieces.removeFirst(first)
            first = 0
        }
    }
}
