// The opened store on disk that every benchmark goes through: a fresh temporary one that is removed
// afterwards, or one in a directory that was given, which is kept.

internal import Foundation
internal import Mneme
internal import MnemeCommandLine

/// A place for a store and for files beside it.
struct BenchmarkStore {
    static let directory = Parameter<String?>(
        option: "store",
        .text("DIR"),
        "where the store is made; the directory must be empty or not be there, and is kept "
            + "(a temporary one is removed)"
    )
    static let durability = Parameter<Durability>(
        option: "durability",
        .word(),
        "how long each commit is waited for",
        default: .synced
    )
    static let pageCache = Parameter<Int?>(
        option: "page-cache-mib",
        .int(in: 1...1_000_000),
        "MiB of index pages that are kept in memory (a quarter of the machine's, at most 1024)"
    )
    static let passes = Parameter<Int>(
        option: "passes",
        .int(in: 1...1000),
        "passes over the questions; figures are medians",
        default: 3
    )
    static let smoke = Parameter<Bool>(
        flag: "smoke",
        "makes small data of its own and takes seconds; for a quick check"
    )

    /// Where the store is.
    let path: String
    /// A directory on the same file system for other files; it is removed afterwards.
    let scratch: String
    /// How long each commit is waited for.
    let durability: Durability
    /// Bytes of index pages that are kept in memory; nil for what is usual.
    var pageCacheBytes: Int?
    private let isKept: Bool

    /// Finds a place.
    ///
    /// - Throws: `Failure` when the directory that was given has something in it, or none can be
    ///   made.
    init(_ invocation: Invocation) throws(Failure) {
        durability = invocation[Self.durability]
        pageCacheBytes = invocation[Self.pageCache].map { $0 << 20 }
        let files = FileManager.default
        let name = "mneme-bench-\(ProcessInfo.processInfo.processIdentifier)"
        if let given = invocation[Self.directory] {
            path = given
            scratch = given + "." + name
            isKept = true
            guard (try? files.contentsOfDirectory(atPath: given))?.isEmpty ?? true else {
                throw Failure(
                    "\(given) has something in it. Benchmarks make a store of their own; give an "
                        + "empty directory or none."
                )
            }
        } else {
            scratch = files.temporaryDirectory.path + "/" + name
            path = scratch + "/store"
            isKept = false
        }
        do {
            try files.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        } catch {
            throw Failure("\(scratch) cannot be made: \(error.localizedDescription)")
        }
    }

    /// The store that another process of this program has made.
    init(of another: Invocation) throws(Failure) {
        guard let given = another[Self.directory] else {
            throw Failure("--store is required: which store is meant?")
        }
        path = given
        scratch = given + ".none"
        durability = another[Self.durability]
        pageCacheBytes = another[Self.pageCache].map { $0 << 20 }
        isKept = true
    }

    /// Opens the store; makes it the first time.
    ///
    /// - Throws: as `Memory.open`.
    func open(_ options: MemoryOptions = MemoryOptions()) throws(MnemeError) -> Memory {
        var options = options
        options.durability = durability
        options.pageCacheBytes = pageCacheBytes
        // MNEME_KEY measures an encrypted store.
        options.masterKey = try MasterKey.fromEnvironment()
        // Whoever is short of memory for pages is short of it for records.
        options.recordCacheBytes = pageCacheBytes.map { $0 / 4 }
        return try Memory.open(path, options: options)
    }

    /// Removes everything that is not to be kept.
    func remove() {
        let files = FileManager.default
        try? files.removeItem(atPath: scratch)
        if !isKept { try? files.removeItem(atPath: path) }
    }

    /// Bytes of the store's files, spare segments of the log included.
    var byteCount: Int {
        let files = FileManager.default
        guard let names = files.enumerator(atPath: path) else { return 0 }
        return names.reduce(0) { sum, name in
            let attributes = try? files.attributesOfItem(atPath: "\(path)/\(name)")
            guard attributes?[.type] as? FileAttributeType == .typeRegular else { return sum }
            return sum + ((attributes?[.size] as? Int) ?? 0)
        }
    }
}

extension BenchmarkStore {
    /// What every benchmark takes.
    static var declarations: [ParameterDeclaration] {
        [
            directory.declaration, durability.declaration, pageCache.declaration,
            passes.declaration, smoke.declaration, Program.json.declaration,
        ]
    }
}

extension Invocation {
    /// The file that an option names, or the one that was made for a quick check.
    ///
    /// - Throws: where neither is there.
    func file(
        _ option: Parameter<String?>,
        _ name: String,
        or made: String? = nil
    ) throws(CommandLineError) -> String {
        guard let file = self[option] ?? made else {
            throw CommandLineError("--\(name) is required. Give a file, or --smoke for made data.")
        }
        return file
    }
}
