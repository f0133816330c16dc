// Real kills of a real server under load, as a program: what is done is Tests/KilledServer.

internal import Glibc
internal import KilledServer
internal import MnemeBase
internal import Synchronization

enum KillServer {
    static let usage = """
        usage: mneme-simulate kill-server [OPTION ...]

        Starts "mneme serve", has clients write to it, kills it with SIGKILL at a random moment and
        starts it again on its address; the clients go on by themselves. At the end everything
        acknowledged is there, what was said not to be written is not, nothing is there by halves,
        and verify finds nothing. Beside the writers others open, fill and end sessions, supersede
        and forget facts, claim events and move numbers, each asked until it is answered: all of
        it is there once.

          --kills N          kills (20)
          --longest N        milliseconds of load before a kill at most (5000)
          --writers N        tasks that write, over two clients (8)
          --unix             over a Unix socket instead of TCP
          --program PATH     the mneme that serves (the one beside this program)
          --directory PATH   where the stores are made (a new directory under /tmp, removed when
                             all went well)
          --seed N           of batches and moments (drawn, and printed)

        Exit status: 0 where all is well, 1 where something is not, 2 for wrong arguments.
        """

    private static func server(_ arguments: [String]) -> (KilledServer, isOwn: Bool)? {
        let seed = RealRandomness().next() >> 16
        var server = KilledServer(
            program: beside("mneme"),
            directory: "/tmp/mneme-kill-server-\(getpid())",
            address: KilledServer.address(RealRandomness()),
            seed: seed
        )
        var isOwn = true
        var isUnix = false
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--unix" {
                isUnix = true
                continue
            }
            guard let value = rest.popFirst() else {
                Program.misused(name, nil)
                return nil
            }
            switch (name, UInt64(value)) {
            case ("--program", _): server.program = value
            case ("--directory", _): (server.directory, isOwn) = (value, false)
            case ("--kills", let number?): server.kills = Int(clamping: number)
            case ("--longest", let number?): server.longest = Int(clamping: number)
            case ("--writers", let number?) where number > 0: server.writers = Int(clamping: number)
            case ("--seed", let number?): server.seed = number
            default:
                Program.misused(name, value)
                return nil
            }
        }
        if isUnix { server.address = "unix:\(server.directory)/socket" }
        return (server, isOwn)
    }

    /// The path of a program that was built with this one.
    private static func beside(_ name: String) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(
            decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
        return path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/" + name
    }

    static func run(_ arguments: [String]) -> Int32 {
        if arguments.contains("--help") || arguments.contains("-h") {
            print(usage)
            return 0
        }
        guard let (server, isOwn) = server(arguments) else {
            print(usage)
            return 2
        }
        print("seed \(server.seed), at \(server.address), in \(server.directory)")
        do throws(DiskError) {
            try RealDisk().createDirectory(server.directory)
        } catch {
            print("FAILED: \(error)")
            return 1
        }
        let outcome = Mutex<Result<KilledServer.Report, KilledServerFailure>?>(nil)
        let gate = Gate()
        Task {
            let result: Result<KilledServer.Report, KilledServerFailure>
            do throws(KilledServerFailure) {
                result = .success(
                    try await server.run {
                        print($0)
                        fflush(nil)
                    }
                )
            } catch {
                result = .failure(error)
            }
            outcome.withLock { $0 = result }
            gate.open()
        }
        gate.wait()
        switch outcome.withLock({ $0 }) {
        case .success(let report)?:
            if isOwn { remove(server.directory) }
            print(
                "\(server.kills) kills, \(report.acknowledged) batches acknowledged and there, "
                    + "\(report.refused) refused and not there, \(report.unknown) unknown, of "
                    + "which \(report.unknownButThere) whole and the others not there; "
                    + "\(report.lives) lives of sessions, facts and events, each once; "
                    + "verify is clean"
            )
            return 0
        case .failure(let failure)?:
            print("FAILED: \(failure)\n  again: --seed \(server.seed)")
            return 1
        case nil: return 1
        }
    }

    /// Removes what was made.
    private static func remove(_ directory: String) {
        let disk = RealDisk()
        let store = directory + "/stores/killed"
        for folder in [store + "/log", store, directory + "/stores", directory] {
            for name in (try? disk.list(folder)) ?? [] { try? disk.remove(folder + "/" + name) }
            unsafe rmdir(folder)
        }
    }
}
