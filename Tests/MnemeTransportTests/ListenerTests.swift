import Glibc
import MnemeBase
import Testing

@testable import MnemeTransport

@Suite struct ListenerTests {
    private func mode(_ path: String) -> mode_t? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? status.st_mode : nil
    }

    @Test func theSystemChoosesAPortAndAPortIsHeldOnce() throws {
        let running = try RunningLoop()
        let listener = try running.listen(":0") { _ in EchoHandler() }
        guard case .tcp("127.0.0.1", let port) = listener.address else {
            Issue.record("listens on \(listener.address)")
            return
        }
        #expect(port > 0)
        #expect(throws: TransportError.addressInUse("127.0.0.1:\(port)")) {
            try running.listen(":\(port)") { _ in nil }
        }
        try connect(listener.address).expectEcho(of: [1])
        running.call { listener.close() }
        #expect(throws: TransportError.refused("127.0.0.1:\(port)")) {
            try connect(listener.address)
        }
        // At once, in spite of the connection that was just closed.
        let again = try running.listen(":\(port)") { _ in EchoHandler() }
        try connect(again.address).expectEcho(of: [2])
    }

    @Test func aSocketFileIsItsOwnersAloneAndGoesWithTheListener() throws {
        let running = try RunningLoop()
        let path = freshSocketPath()
        let listener = try running.listen("unix:" + path) { _ in EchoHandler() }
        #expect(mode(path) == S_IFSOCK | 0o600)
        #expect(listener.address == .unix(path: path))
        try connect(listener.address).expectEcho(of: [1])
        running.call { listener.close() }
        #expect(mode(path) == nil)
        running.call { listener.close() }
    }

    @Test func aLiveServersSocketIsRefused() throws {
        let running = try RunningLoop()
        let path = freshSocketPath()
        let listener = try running.listen("unix:" + path) { _ in EchoHandler() }
        #expect(throws: TransportError.addressInUse("unix:" + path)) {
            try running.listen("unix:" + path) { _ in nil }
        }
        try connect(listener.address).expectEcho(of: [1])
        running.stop(within: 0)
        #expect(mode(path) == nil)
    }

    @Test func aDeadServersSocketIsReplaced() throws {
        let path = freshSocketPath()
        do {
            let dead = try SocketCall.open(family: AF_UNIX, nonBlocking: false)
            let number = dead.number
            let address = SocketAddress(path: path)
            #expect(unsafe address.with { unsafe bind(number, $0, $1) } == 0)
            #expect(listen(number, 1) == 0)
        }
        #expect(mode(path) != nil)
        let running = try RunningLoop()
        let listener = try running.listen("unix:" + path) { _ in EchoHandler() }
        #expect(mode(path) == S_IFSOCK | 0o600)
        try connect(listener.address).expectEcho(of: [1])
    }

    @Test func whatIsNoSocketStays() throws {
        let path = freshSocketPath()
        let file = unsafe open(path, O_CREAT | O_WRONLY, 0o600)
        #expect(file >= 0)
        close(file)
        defer { unsafe unlink(path) }
        let running = try RunningLoop()
        #expect(throws: TransportError.notASocket(path: path)) {
            try running.listen("unix:" + path) { _ in nil }
        }
        #expect(mode(path) == S_IFREG | 0o600)
    }

    @Test func anothersSocketIsNotRemoved() throws {
        let first = try RunningLoop()
        let second = try RunningLoop()
        let path = freshSocketPath()
        let old = try first.listen("unix:" + path) { _ in nil }
        unsafe unlink(path)
        let new = try second.listen("unix:" + path) { _ in EchoHandler() }
        first.call { old.close() }
        try connect(new.address).expectEcho(of: [1])
    }

    @Test func ofServersThatStartTogetherOneLives() throws {
        let path = freshSocketPath()
        for _ in 0..<10 {
            // A dead server's file is there each time.
            let dead = try SocketCall.open(family: AF_UNIX, nonBlocking: false)
            let number = dead.number
            #expect(unsafe SocketAddress(path: path).with { unsafe bind(number, $0, $1) } == 0)
            let loops = [try RunningLoop(), try RunningLoop(), try RunningLoop()]
            let lived = Recorder()
            let threads = loops.enumerated().map { index, running in
                TestThread {
                    do {
                        _ = try running.listen("unix:" + path) { _ in EchoHandler() }
                        lived.add(index)
                    } catch {
                        #expect(error as? TransportError == .addressInUse("unix:" + path))
                    }
                }
            }
            for thread in threads { thread.join() }
            #expect(lived.all.count == 1)
            try connect(.unix(path: path)).expectEcho(of: [1])
            for running in loops { running.stop(within: 0) }
            #expect(mode(path) == nil)
        }
    }

    @Test func aDirectoryThatIsNotThereIsNamed() throws {
        let running = try RunningLoop()
        let error = #expect(throws: TransportError.self) {
            try running.listen("unix:/nowhere-\(RealRandomness().next())/a.sock") { _ in nil }
        }
        guard case .system(let call, ENOENT) = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(call.contains("/nowhere-"))
    }
}
