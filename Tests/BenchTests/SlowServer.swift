import Foundation
import Glibc
import Synchronization

/// A server of PINGs in the protocol of Redis that begins to answer when it wants, a thread for
/// each connection.
final class SlowServer: Sendable {
    private static let pingCount = "*1\r\n$4\r\nPING\r\n".utf8.count

    let port: UInt16
    /// The most requests that came at once on a connection.
    let mostAtOnce = Atomic<Int>(0)
    private let listening: Int32
    private let stall: Double
    private let most: Int
    private let isOver = Atomic<Bool>(false)
    private let firstQuestion = Mutex<Date?>(nil)

    /// Answers nothing for so long after the first request, and closes a connection after so many.
    init(stallMicroseconds: Int, closesAfter most: Int = .max) throws {
        stall = Double(stallMicroseconds) * 1e-6
        self.most = most
        listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let number = listening
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
                guard unsafe bind(number, general, length) == 0, listen(number, 16) == 0 else {
                    return false
                }
                return unsafe getsockname(number, general, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRINUSE) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in accept() }
    }

    /// Listens no more, and has all threads end.
    func end() {
        isOver.store(true, ordering: .relaxed)
        shutdown(listening, Int32(SHUT_RDWR))
    }

    private func accept() {
        while true {
            let connection = Glibc.accept(listening, nil, nil)
            guard connection >= 0 else { break }
            Thread.detachNewThread { [self] in
                serve(connection)
                close(connection)
            }
        }
        close(listening)
    }

    private func serve(_ connection: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var waiting = 0
        var answered = 0
        while answered < most {
            let count = unsafe read(connection, &buffer, buffer.count)
            guard count > 0 else { return }
            guard waitOut() else { return }
            waiting += count
            let questions = waiting / Self.pingCount
            waiting -= questions * Self.pingCount
            mostAtOnce.max(questions, ordering: .relaxed)
            let answer = Array(String(repeating: "+PONG\r\n", count: questions).utf8)
            let flags = Int32(MSG_NOSIGNAL)
            let sent = unsafe send(connection, answer, answer.count, flags)
            guard sent == answer.count else { return }
            answered += questions
        }
    }

    /// Waits until answers are given; false where the test is over before.
    private func waitOut() -> Bool {
        let start = firstQuestion.withLock { first in
            first = first ?? Date()
            return first ?? Date()
        }
        while Date().timeIntervalSince(start) < stall {
            if isOver.load(ordering: .relaxed) { return false }
            usleep(5000)
        }
        return true
    }
}
