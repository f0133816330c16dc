// Where loads are run: the thread that sends and receives, and the server, which is its own where
// nobody gave one.

internal import Foundation
internal import Mneme
internal import MnemeBase
internal import MnemeClient
internal import MnemeCommandLine
internal import MnemeTransport

/// What loads are run on; `end` ends all of it.
final class LoadStage {
    /// The server that was started for the loads, if one was.
    private(set) var server: ServedProgram?
    /// Where the server listens.
    let address: String
    let addresses: [SocketAddress]
    let loop: EventLoop
    private let thread: LoopThread
    private let program: String?
    private let root: String?
    /// Options of the own server.
    private let more: [String]
    /// Files that this program has open besides connections, and some more.
    private static let ownDescriptors = 64

    /// A stage before a running server, or with one of its own in a temporary directory.
    ///
    /// Its own listens at `port`, 0 lets the system choose, and takes what is usual or so many
    /// connections and some more.
    ///
    /// - Throws: where no server comes to listen, the address is none, or the system allows fewer
    ///   connections.
    init(connect: String?, program: String?, connections: Int = 0, port: Int = 0) throws {
        let allowed = DescriptorLimit.raise() - Self.ownDescriptors
        guard connections <= allowed else {
            throw Failure(
                "The system allows this program \(allowed) connections, not \(connections); raise "
                    + "the limit of open files, ulimit -n."
            )
        }
        if let connect {
            self.program = nil
            root = nil
            more = []
            address = connect
        } else {
            let program = try program ?? ServedProgram.beside()
            let id = ProcessInfo.processInfo.processIdentifier
            let root = NSTemporaryDirectory() + "mneme-bench-load-\(id)"
            try FileManager.default.createDirectory(
                atPath: root,
                withIntermediateDirectories: true
            )
            more = connections < 1000 ? [] : ["--connections", "\(connections + 100)"]
            let server = try ServedProgram(
                program,
                root: root,
                listen: "127.0.0.1:\(port)",
                more: more
            )
            self.program = program
            self.root = root
            self.server = server
            address = server.address
        }
        addresses = try Address(parsing: address, standardPort: Client.defaultPort).resolve()
        loop = try EventLoop()
        // A thread that wakes up would be a good part of what is measured.
        loop.spinMicroseconds = 500
        thread = try LoopThread(running: loop)
    }

    /// Runs a work by a plan.
    ///
    /// - Throws: `Failure` where the run broke off.
    func perform(_ work: any LoadWork, _ plan: LoadPlan) throws -> LoadRun {
        let run = LoadRun(work, plan, loop)
        run.perform(addresses)
        if let failure = run.failure { throw Failure("The load broke off: \(failure).") }
        return run
    }

    /// Has a flood come while `body` runs, from a thread of its own.
    ///
    /// That thread stands back before others: its own work would be on other machines, and must not
    /// take the processor from the server and from whoever measures.
    ///
    /// - Throws: what `body` throws; `Failure` where the flood broke off.
    func perform(
        beside flood: LoadFlood,
        _ body: () throws -> Void
    ) throws -> (run: LoadRun, plan: LoadPlan) {
        let loop = try EventLoop()
        let isOver = Gate()
        BackgroundThread.start(niceness: 10) {
            loop.run()
            isOver.open()
        }
        defer {
            loop.stop(within: 1_000_000)
            isOver.wait()
        }
        var plan = LoadPlan()
        plan.connections = flood.connections
        plan.depth = flood.depth
        plan.seconds = 86_400
        plan.warmUpSeconds = 0
        plan.seed = 2
        let run = LoadRun(flood.work, plan, loop)
        run.begin(addresses)
        do {
            try body()
        } catch {
            run.giveUp()
            throw error
        }
        run.giveUp()
        if let failure = run.failure { throw Failure("The flood broke off: \(failure).") }
        return (run, plan)
    }

    /// Does what comes before a load, all of it and without errors.
    ///
    /// - Throws: `Failure` with the first error.
    func prepare(_ work: any LoadWork, depth: Int) throws {
        var plan = LoadPlan()
        plan.connections = 1
        plan.depth = depth
        plan.seconds = 86_400
        plan.warmUpSeconds = 0
        let run = try perform(work, plan)
        if let error = run.firstError { throw Failure("The filling failed: \(error)") }
    }

    /// Kills the own server and starts it again where it was.
    func restart() throws {
        guard let server, let program, let root else { return }
        server.kill()
        self.server = try ServedProgram(program, root: root, listen: address, more: more)
    }

    /// Ends thread and server, and removes what the server kept.
    func end() throws {
        loop.stop(within: 1_000_000)
        thread.wait()
        defer { if let root { try? FileManager.default.removeItem(atPath: root) } }
        try server?.end()
    }

    /// The same after an error, whatever comes of it.
    func abandon() {
        loop.stop(within: 1_000_000)
        thread.wait()
        server?.kill()
        if let root { try? FileManager.default.removeItem(atPath: root) }
    }
}
