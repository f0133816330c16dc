// Where unsafe code may stand, and why. Everything else is checked Swift. Whoever adds a line gives
// the reason with it.

/// The places of unsafe code.
package enum UncheckedList {
    /// Paths: of a file, of a folder (with its slash), or the beginning of names.
    package static let entries: [(path: String, reason: String)] = [
        ("Sources/MnemeBase/AtomicWords.swift", "words that are zero until they are written"),
        ("Sources/MnemeBase/Bytes", "bytes of arrays as raw spans"),
        ("Sources/MnemeBase/CBOR/CBORTypedArray.swift", "vectors are copied as one block"),
        ("Sources/MnemeBase/Checksum", "calls xxHash in C"),
        ("Sources/MnemeBase/Cipher/", "calls OpenSSL"),
        ("Sources/MnemeBase/Clock.swift", "calls clock_gettime"),
        ("Sources/MnemeBase/Disk.swift", "bytes of arrays as raw spans"),
        ("Sources/MnemeBase/Gate.swift", "calls the system's threads"),
        ("Sources/MnemeBase/LZ4.swift", "calls LZ4 in C"),
        ("Sources/MnemeBase/LZ4Packer.swift", "calls LZ4 in C"),
        ("Sources/MnemeBase/Mapping.swift", "mapped memory, read behind a guard in C"),
        ("Sources/MnemeBase/MemoryFile.swift", "files in memory can be mapped"),
        ("Sources/MnemeBase/Prefetch.swift", "addresses that nothing is read at"),
        ("Sources/MnemeBase/RealDisk.swift", "calls the system"),
        ("Sources/MnemeBase/RealFile.swift", "calls the system"),
        ("Sources/MnemeCommandLine/Program+Arguments.swift", "reads the process's arguments"),
        ("Sources/MnemeCommandLine/StandardStreams.swift", "calls read and write"),
        ("Sources/MnemeCommandLine/SystemError.swift", "calls strerror"),
        ("Sources/Mneme/MasterKey+File.swift", "calls the system, and wipes what it read"),
        ("Sources/MnemeModel/MasterKey.swift", "reads the bytes of a key"),
        ("Sources/MnemeClient/BlockingLink.swift", "bytes of arrays as raw spans"),
        ("Sources/MnemeClient/Pool/", "what changes belongs to the thread of one loop"),
        ("Sources/MnemeEmbed/TokenTable", "the table is an array in C"),
        ("Sources/MnemeEmbed/WordLanes.swift", "rows and cosines are arrays in C"),
        ("Sources/MnemeLog/", "frames are read from mapped segments"),
        ("Sources/MnemePages/", "pages are edited in place in one buffer"),
        ("Sources/MnemeModel/RecordBytes.swift", "erased bodies are zeroed, others fetched"),
        ("Sources/MnemeProgram/Rows/SQLiteRows.swift", "calls SQLite"),
        ("Sources/MnemeCommandLine/Environment.swift", "calls getenv"),
        ("Sources/MnemeServer/Log/", "lines are written by the system's calls"),
        ("Sources/MnemeServer/MetricsDoor.swift", "a library in C calls it with what it answers"),
        ("Sources/MnemeProgram/Shell/LineEditor.swift", "calls libedit"),
        ("Sources/MnemeProgram/Shell/InterruptSignal.swift", "calls sigwait"),
        ("Sources/MnemeProgram/Top/TopKeys.swift", "calls the terminal"),
        ("Sources/MnemeServer/Server", "connections are used on their loop's thread"),
        ("Sources/MnemeStore/Schema/Lender.swift", "lends what serves one thread at a time"),
        ("Sources/MnemeStore/StoreState.swift", "text runs are read from mapped extents"),
        ("Sources/MnemeStore/Reading/VectorAddress.swift", "vectors are scored in the mapped log"),
        ("Sources/MnemeStore/Reading/WalkDesk.swift", "lends what serves one walk at a time"),
        ("Sources/MnemeStore/Transactions/Branch.swift", "used under its transaction's lock"),
        ("Sources/MnemeStore/Writing/Writer.swift", "the writer is used by one thread at a time"),
        ("Sources/MnemeText/Stemmer.swift", "calls Snowball in C"),
        ("Sources/MnemeText/TextBytes.swift", "postings are decoded from mapped pages"),
        ("Sources/MnemeTransport/", "calls the system's sockets"),
        ("Sources/MnemeVectors/", "codes lie in an aligned arena that kernels in C score"),
        ("Benchmarks/MnemeBench/Layered/SQLiteStatement.swift", "calls SQLite"),
        ("Benchmarks/MnemeBench/MemoryCap.swift", "calls setrlimit"),
        ("Benchmarks/MnemeBench/Load/LoadRun.swift", "a run is used on its loop's thread"),
        ("Benchmarks/MnemeBench/Load/LoadStorm.swift", "a storm is used on its loop's thread"),
        ("Benchmarks/MnemeBench/Timing.swift", "calls clock_gettime"),
        ("Benchmarks/MnemeBench/StoreRow.swift", "answers are the one thread's that asks"),
        ("tools/simulate/Kill", "starts and kills a child process"),
        ("Tests/", "tests look at bytes in every way"),
    ]

    /// Whether unsafe code may stand in a file.
    static func allows(_ path: String) -> Bool {
        entries.contains { path.hasPrefix($0.path) }
    }
}
