// Between client and server: passes bytes on until the plan of a connection says that both sides
// lose it, at the end of a frame or inside of one.

import MnemeBase
import MnemeTransport
import Synchronization

/// Where a connection is cut: in one direction, after whole frames and so many bytes of the next.
struct Cut: CustomStringConvertible, Sendable {
    var isTowardsServer: Bool
    var frames: Int
    var bytes: Int

    var description: String {
        "\(isTowardsServer ? "client → server" : "server → client"), \(frames) frames + \(bytes)"
    }
}

final class FaultyProxy: @unchecked Sendable {
    let address: String
    let connections = Atomic<Int>(0)
    private let loop: EventLoop
    private let thread: LoopThread
    private let listener: Listener

    /// `plan` says of the n-th connection where it is cut; nil: never.
    init(to server: String, plan: @escaping @Sendable (Int) -> Cut?) throws {
        let target = try Address(parsing: server).resolve()
        let loop = try EventLoop()
        self.loop = loop
        let count = Mutex(0)
        listener = try Listener(.tcp(host: "127.0.0.1", port: 0), on: loop) { connection in
            let number = count.withLock { count in
                defer { count += 1 }
                return count
            }
            let cut = plan(number)
            let pair = Pair()
            let near = Relay(pair, cut.flatMap { $0.isTowardsServer ? $0 : nil })
            let far = Relay(pair, cut.flatMap { $0.isTowardsServer ? nil : $0 })
            near.other = far
            far.other = near
            connection.pauseReading()
            loop.connect(to: target, timeoutMicroseconds: 5_000_000) { _ in
                connection.resumeReading()
                return far
            } failed: { _ in
                connection.close()
            }
            return near
        }
        address = listener.address.description
        thread = try LoopThread(running: loop)
    }

    deinit { loop.stop(within: 0) }

    private final class Pair { var isCut = false }

    private final class Relay: ConnectionHandler {
        let pair: Pair
        weak var other: Relay?
        var connection: Connection?
        /// Keeps the other side alive while this one is.
        var partner: Relay?
        private let cut: Cut?
        private var frames = 0
        private var position = 0
        private var length = 0

        init(_ pair: Pair, _ cut: Cut?) {
            self.pair = pair
            self.cut = cut
        }

        func opened(_ connection: Connection) {
            self.connection = connection
            partner = other
        }

        func received(_ bytes: RawSpan, on connection: Connection) {
            guard !pair.isCut, let target = other?.connection else { return }
            let bytes = unsafe bytes.withUnsafeBytes { unsafe Array($0) }
            guard let limit = place(in: bytes) else { return target.send(bytes) }
            target.send(Array(bytes[..<limit]))
            pair.isCut = true
            target.finish()
            connection.close()
        }

        func inputEnded(_ connection: Connection) {
            other?.connection?.finish()
            connection.finish()
        }

        func closed(_ connection: Connection, reason: CloseReason) {
            other?.connection?.finish()
            partner = nil
        }

        /// How many of the bytes are passed on before the cut; nil: all, without a cut.
        private func place(in bytes: [UInt8]) -> Int? {
            guard let cut else { return nil }
            for (index, byte) in bytes.enumerated() {
                if frames == cut.frames, position >= cut.bytes { return index }
                if position < 4 {
                    if position == 0 { length = 0 }
                    length |= Int(byte) << (8 * position)
                }
                position += 1
                if position >= 4, position == length + 4 {
                    frames += 1
                    position = 0
                }
            }
            return frames == cut.frames && position >= cut.bytes ? bytes.count : nil
        }
    }
}
