// mneme serve as a service: its options from elsewhere, and what it and the service manager say.

import Foundation
import Glibc
import Testing

@Suite struct ServiceTests {
    @Test func checkSaysWhatHoldsAndServesNothing() throws {
        let place = try BuiltProgram()
        try place.write("listen = 127.0.0.1:7\nno-create = yes\n", to: "mneme.conf")
        let ended = try place.shell(
            "MNEME_GRACE=7 mneme serve --root stores --config mneme.conf --check"
        )
        #expect(ended.status == 0, "\(ended.error)")
        let rows = ended.output.split(separator: "\n").map {
            $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
        for row in [
            "root stores the command line", "listen 127.0.0.1:7 mneme.conf, line 1",
            "no-create yes mneme.conf, line 2", "grace 7 MNEME_GRACE",
            "durability synced default", "backups none default",
            "These go together; whether the addresses are free is seen at the start.",
        ] {
            #expect(rows.contains(row), "\(row) is missing in\n\(ended.output)")
        }
        #expect(!FileManager.default.fileExists(atPath: place.path("stores")))
        let json = try place.shell("mneme serve --root stores --check --json")
        #expect(json.output.hasPrefix("{\"settings\":[{\"from\":\"the command line\""))
    }

    @Test(arguments: [
        ("--config mneme.conf", 2, "mneme.conf, line 1: serve has no option lisen."),
        ("--listen 0.0.0.0:7411", 1, "can be reached from other machines"),
        ("--listen nowhere:x", 2, "--listen:"),
        ("--key-file none", 1, "none"),
    ])
    func checkRefusesWhatCouldNotStart(_ options: String, _ status: Int32, _ said: String) throws {
        let place = try BuiltProgram()
        try place.write("lisen = 127.0.0.1:7\n", to: "mneme.conf")
        let ended = try place.shell("mneme serve --root stores \(options) --check")
        #expect(ended.status == status)
        #expect(ended.error.contains(said), "\(ended.error)")
    }

    @Test func checkRefusesAStoreAsTheRoot() throws {
        let place = try BuiltProgram()
        let ended = try place.shell(
            "mneme remember 'Ada drinks tea' --owner ada --store a.mneme && "
                + "mneme serve --root a.mneme --check"
        )
        #expect(ended.status == 1)
        #expect(ended.error.contains("a.mneme is a store"), "\(ended.error)")
    }

    @Test func socketsThatArePassedAreServedAndTheManagerIsTold() throws {
        let place = try BuiltProgram()
        let listening = try UnixSocket(SOCK_STREAM, at: place.path("passed.sock"))
        #expect(listen(listening.number, 8) == 0)
        let manager = try UnixSocket(SOCK_DGRAM, at: place.path("manager.sock"))
        let server = try Spawned(
            "LISTEN_PID=$$ LISTEN_FDS=1 NOTIFY_SOCKET='\(place.path("manager.sock"))' exec "
                + "'\(BuiltProgram.executable)' serve --root '\(place.path("stores"))' "
                + "--listen unix:/there/is/no/such/directory",
            passing: listening.number
        )
        #expect(manager.receive() == "READY=1")
        let ended = try place.shell(
            "mneme remember 'Ada drinks tea' --owner ada --store tea "
                + "--connect 'unix:\(place.path("passed.sock"))'"
        )
        #expect(ended.status == 0, "\(ended.error)")
        server.end()
        #expect(manager.receive() == "STOPPING=1")
        #expect(server.wait() == 0)
    }
}

/// A bound Unix socket that is waited for at most half a minute.
private final class UnixSocket {
    let number: Int32

    init(_ type: __socket_type, at path: String) throws {
        number = socket(AF_UNIX, Int32(type.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            unsafe bytes.copyBytes(from: Array(path.utf8))
        }
        let bound = unsafe withUnsafePointer(to: &address) { [number] pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(number, address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0, "\(path): \(errno)")
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        _ = unsafe setsockopt(
            number,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &patience,
            socklen_t(MemoryLayout<timeval>.size)
        )
    }

    deinit { close(number) }

    /// The next message, nil where none comes.
    func receive() -> String? {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe recv(number, &bytes, bytes.count, 0)
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}

/// A line of the shell whose descriptor 3 is one of this process.
private final class Spawned {
    private var process: pid_t = 0

    init(_ line: String, passing number: Int32) throws {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, number, 3)
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe []
        for word in ["/bin/sh", "-c", line] { unsafe arguments.append(strdup(word)) }
        unsafe arguments.append(nil)
        let code = unsafe posix_spawn(&process, "/bin/sh", &actions, nil, arguments, environ)
        for place in unsafe arguments.indices { unsafe free(arguments[place]) }
        try #require(code == 0)
    }

    func end() { kill(process, SIGTERM) }

    /// The status that it ends with.
    func wait() -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status
    }
}
