// One store of the kill loop: its writer, its acknowledgements, and what should be in it.

internal import Glibc
internal import MnemeBase
internal import MnemeModel
internal import MnemeStore

struct KillVictim {
    private let kind: LoopKind
    private let directory: String
    private let seed: UInt64
    private var states: [LoopState]
    /// The newest batch that each writer saw acknowledged.
    private var acknowledged: [Int]
    private var touched: Set<String> = []

    init(kind: LoopKind, directory: String, seed: UInt64) {
        self.kind = kind
        self.directory = directory
        self.seed = seed
        states = Array(repeating: LoopState(), count: kind.writers)
        acknowledged = Array(repeating: -1, count: kind.writers)
    }

    private var store: String { directory + "/store" }
    private var journal: String { directory + "/acknowledged" }

    /// Starts a writer, kills it after a while, and checks the store.
    mutating func run(round: Int, milliseconds: Int) throws(LoopFailure) {
        do throws(DiskError) {
            try RealDisk().createDirectory(directory)
        } catch {
            throw LoopFailure(description: "\(error)")
        }
        let child = try spawn()
        usleep(UInt32(milliseconds) * 1000)
        kill(child, SIGKILL)
        var status: Int32 = 0
        unsafe waitpid(child, &status, 0)
        guard status & 0x7f == SIGKILL else {
            throw LoopFailure(description: "the writer ended by itself, with status \(status)")
        }
        readJournal()
        let before = states.map(\.nextBatch)
        try check(all: false)
        defer { fflush(nil) }
        let batches = zip(states, before).reduce(0) { $0 + $1.0.nextBatch - $1.1 }
        let records = states.reduce(0) { $0 + $1.records.count }
        print(
            "kill \(round + 1): \(kind.rawValue) after \(milliseconds) ms, "
                + "\(batches) batches more, "
                + "\(records) records"
        )
    }

    private func spawn() throws(LoopFailure) -> pid_t {
        let words = [
            "mneme-simulate", "kill-loop", "write", store, kind.rawValue, String(seed), journal,
        ]
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var child: pid_t = 0
        let result = unsafe posix_spawn(
            &child,
            "/proc/self/exe",
            nil,
            nil,
            &arguments,
            environ
        )
        guard result == 0 else {
            throw LoopFailure(description: "the writer cannot be started: error \(result)")
        }
        return child
    }

    private mutating func readJournal() {
        guard let file = try? RealDisk().open(journal, .read),
            let count = try? file.byteCount(),
            let bytes = try? file.read(at: 0, count: Int(count))
        else { return }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let numbers = line.split(separator: UInt8(ascii: " "))
                .compactMap { Int(String(decoding: $0, as: UTF8.self)) }
            if numbers.count == 2, states.indices.contains(numbers[0]) {
                acknowledged[numbers[0]] = max(acknowledged[numbers[0]], numbers[1])
            }
        }
    }

    // MARK: Checking

    /// Opens the store and holds it against the batches: those that were touched since the last
    /// time, or all of them.
    mutating func check(all: Bool) throws(LoopFailure) {
        do throws(MnemeError) {
            let store = try Store.open(store, options: LoopStore.options)
            if store.snapshot().schema.collections.isEmpty {
                // Killed before the definition; nothing can have been acknowledged.
                if acknowledged.contains(where: { $0 >= 0 }) {
                    throw MnemeError(.corrupt, "the definition is lost")
                }
                return try store.close()
            }
            let next = try LoopStore.progress(store, kind)
            if let finding = try compare(store, next, all: all) {
                throw MnemeError(.corrupt, finding)
            }
            try store.close()
        } catch {
            throw LoopFailure(description: "\(kind.rawValue): \(error)")
        }
    }

    private mutating func compare(
        _ store: Store,
        _ next: [Int],
        all: Bool
    ) throws(MnemeError)
        -> String?
    {
        var keys: Set<String> = []
        for writer in states.indices {
            let wanted = acknowledged[writer] + 1
            guard next[writer] == wanted || next[writer] == wanted + 1 else {
                return "writer \(writer) has \(next[writer]) batches, \(wanted) were acknowledged"
            }
            keys.formUnion(
                states[writer].apply(until: next[writer], kind, seed: seed, writer: writer)
            )
        }
        let snapshot = store.snapshot()
        for state in states {
            let some = all ? Set(state.records.keys).union(keys) : keys
            for key in some where all || key.hasPrefix("w") {
                if let finding = try compare(key, snapshot) { return finding }
            }
        }
        let statistics = try store.statistics()
        let records = states.reduce(0) { $0 + $1.records.count }
        if statistics.records[LoopSchema.records] != records {
            return "\(statistics.records[LoopSchema.records] ?? -1) records, expected \(records)"
        }
        let edges = states.reduce(0) { $0 + $1.edgeCount }
        if statistics.edges[LoopSchema.follows] != edges {
            return "\(statistics.edges[LoopSchema.follows] ?? -1) edges, expected \(edges)"
        }
        return try store.verify().findings.first.map { "verify: \($0)" }
    }

    private func compare(_ key: String, _ snapshot: Snapshot) throws(MnemeError) -> String? {
        guard let writer = key.dropFirst().split(separator: "/").first.flatMap({ Int($0) }) else {
            return nil
        }
        let state = states[writer]
        let reference = Reference(LoopSchema.records, .text(key))
        let found = try snapshot.record(reference)
        let wanted = state.records[key].map {
            Record(reference, fields: LoopSchema.fields(of: key, batch: $0))
        }
        if found != wanted {
            return "\(key) is \(found?.json() ?? "missing"), "
                + "expected \(wanted?.json() ?? "missing")"
        }
        guard wanted != nil else { return nil }
        let edges = try snapshot.edges(of: reference, .out, types: nil)
            .map { "\($0.to.key) \($0.fields["batch"]?.int ?? -1)" }.sorted()
        let expected = (state.edges[key] ?? []).map { "\($0.to) \($0.batch)" }.sorted()
        return edges == expected
            ? nil : "\(key) has the edges \(edges), expected \(expected)"
    }

    /// Removes what the loop made.
    func remove() {
        let disk = RealDisk()
        for folder in [store + "/log", store, directory] {
            for name in (try? disk.list(folder)) ?? [] { try? disk.remove(folder + "/" + name) }
            unsafe rmdir(folder)
        }
    }
}
