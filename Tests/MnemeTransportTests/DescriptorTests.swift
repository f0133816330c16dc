import Glibc
import MnemeBase
import Testing

@testable import MnemeTransport

/// Descriptors are counted and limited for a whole process, so these tests have processes of their
/// own.
@Suite struct DescriptorTests {
    /// What the descriptors of this process stand for, as in "socket".
    static func open() -> [String] {
        let numbers = (try? RealDisk().list("/proc/self/fd")) ?? []
        return numbers.compactMap { number in
            var text = [CChar](repeating: 0, count: 4096)
            let count = unsafe readlink("/proc/self/fd/" + number, &text, text.count)
            guard count > 0 else { return nil }
            let bytes = text.prefix(count).map { UInt8(bitPattern: $0) }
            let name = String(decoding: bytes, as: UTF8.self)
            return String(name.prefix { $0 != "[" || name.hasPrefix("anon_inode") })
        }
    }

    static func socketCount() -> Int { open().count { $0 == "socket:" } }

    @Test func thousandsOfShortConnectionsLeaveNoSocketOpen() async {
        await #expect(processExitsWith: .success) {
            for place in [":0", "unix:" + freshSocketPath()] {
                let before = DescriptorTests.socketCount()
                let running = try RunningLoop()
                let listener = try running.listen(place) { _ in EchoHandler() }
                precondition(DescriptorTests.socketCount() == before + 1)
                for round in 0..<2000 {
                    let client = try connect(listener.address)
                    switch round % 4 {
                    case 0: try client.expectEcho(of: [1, 2, 3])
                    case 1: client.makeEndAReset()
                    case 2: try client.send([1])
                    default: client.finishSending()
                    }
                }
                let isThrough = eventually {
                    let statistics = running.statistics
                    return statistics.connectionsOpened == 2000
                        && statistics.connectionsClosed == 2000
                }
                precondition(isThrough)
                running.stop(within: 30_000_000)
                precondition(DescriptorTests.socketCount() == before, "\(DescriptorTests.open())")
            }
        }
    }

    @Test func loopsLeaveNothingOpen() async {
        await #expect(processExitsWith: .success) {
            let before = DescriptorTests.open().count
            for _ in 0..<100 {
                let running = try RunningLoop()
                _ = try running.listen(":0") { _ in EchoHandler() }
                running.stop(within: 0)
            }
            // A loop goes with its thread, a moment after it has ended; and the system's library
            // may open a few of its own meanwhile.
            let isThrough = eventually { DescriptorTests.open().count <= before + 10 }
            precondition(isThrough, "\(DescriptorTests.open())")
        }
    }

    @Test func acceptingGoesOnWhenDescriptorsAreBack() async {
        await #expect(processExitsWith: .success) {
            let running = try RunningLoop()
            let listener = try running.listen(":0") { _ in EchoHandler() }
            let peers = try Peers(count: 5)
            var old = rlimit()
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            precondition(unsafe getrlimit(resource, &old) == 0)
            var few = old
            few.rlim_cur = 100
            precondition(unsafe setrlimit(resource, &few) == 0)
            // Every descriptor is taken; connecting takes none, accepting would.
            while dup(0) >= 0 {}
            precondition(errno == EMFILE)
            peers.connect(to: try listener.address.resolve()[0])
            precondition(eventually { running.statistics.acceptPauses >= 3 })
            // Each pause costs a turn or two; a loop that spins makes thousands of turns a pause.
            let first = running.statistics
            precondition(eventually { running.statistics.acceptPauses >= first.acceptPauses + 5 })
            let last = running.statistics
            let pauses = Int(last.acceptPauses - first.acceptPauses)
            // Each look at the statistics was a turn as well.
            let turns = Int(last.wakeUps - first.wakeUps) - Int(last.jobs - first.jobs)
            precondition(turns <= 4 * pauses + 10, "\(turns) turns in \(pauses) pauses")
            precondition(unsafe setrlimit(resource, &old) == 0)
            peers.expectEchoes()
            precondition(running.statistics.connectionsOpened == 5)
        }
    }

    /// Sockets that are made before they connect.
    private final class Peers {
        private var sockets: [Int32] = []

        init(count: Int) throws {
            for _ in 0..<count {
                var descriptor = try SocketCall.open(family: AF_INET, nonBlocking: false)
                sockets.append(dup(descriptor.number))
                descriptor.close()
            }
        }

        func connect(to address: SocketAddress) {
            for socket in sockets {
                precondition(unsafe address.with { unsafe Glibc.connect(socket, $0, $1) } == 0)
            }
        }

        func expectEchoes() {
            for socket in sockets {
                var byte = UInt8(truncatingIfNeeded: socket)
                precondition(unsafe write(socket, &byte, 1) == 1)
                byte = 0
                precondition(unsafe read(socket, &byte, 1) == 1)
                precondition(byte == UInt8(truncatingIfNeeded: socket))
            }
        }
    }
}
