// A process that may have few files open: whatever is tried is done, or refused with words that
// help, and the store is whole afterwards. Every limit is tried, from none at all to enough.

import Glibc
import MnemeBase
import MnemeLog
import MnemeModel
import SimulatedWorld
import Synchronization
import Testing

@testable import MnemeStore

@Suite struct FewFilesTests {
    @Test(arguments: [false, true])
    func everyLimit(worksInBackground: Bool) throws {
        var isEnough = false
        var refused = 0
        var limit = 0
        while !isEnough {
            let (isThrough, error) = try run(limit, worksInBackground)
            if let error {
                refused += 1
                #expect(error.message.contains("ulimit -n"), "limit \(limit): \(error)")
            }
            isEnough = isThrough
            limit += 1
        }
        print("few files: \(limit - 1) suffice")
        #expect(refused > 4 && limit < 64)
    }

    /// A life with so many files at most; what refused it, and whether nothing was.
    private func run(
        _ limit: Int,
        _ worksInBackground: Bool
    ) throws -> (isThrough: Bool, error: MnemeError?) {
        let disk = MemoryDisk()
        var done = 0
        var refusal: MnemeError?
        do throws(MnemeError) {
            try StoreLife(disk, limit, worksInBackground).run { done += 1 }
        } catch {
            refusal = error
        }
        try check(disk, done)
        return (refusal == nil, refusal)
    }

    /// Everything that was acknowledged is there, and all agrees.
    private func check(_ disk: MemoryDisk, _ done: Int) throws {
        let store = try Store.open("store", options: StoreLife.options(disk))
        #expect(try store.verify().findings == [])
        if done > 0 {
            let rows = try store.snapshot().find(Find("things", limit: .max)).rows
            #expect(rows.count >= done)
        }
        try store.close()
    }

    /// A store that is open when the last descriptors go.
    @Test func descriptorsThatGoWhileItIsOpen() throws {
        let below = MemoryDisk()
        let disk = CountingDisk(below, limit: 64)
        let store = try Store.open("store", options: StoreLife.options(disk))
        try store.define(Kinds.schema)
        var done = 0
        for number in 0..<400 {
            if number == 100 { disk.setLimit(0) }
            do throws(MnemeError) {
                _ = try store.commit([StoreLife.put(number)])
                done += 1
            } catch {
                #expect([.disk, .outcomeUnknown].contains(error.code), "\(error)")
            }
            try? store.upkeep()
        }
        #expect(done < 400)
        try? store.close()
        try check(below, done)
    }
}

/// What a store may go through.
private struct StoreLife {
    let options: StoreOptions

    init(_ disk: MemoryDisk, _ limit: Int, _ worksInBackground: Bool) {
        var options = Self.options(CountingDisk(disk, limit: limit))
        options.worksInBackground = worksInBackground
        self.options = options
    }

    static func options(_ disk: any Disk) -> StoreOptions {
        var options = Kinds.options(disk)
        options.logLimits.smallestSegment = 16 << 10
        options.logLimits.largestSegment = 16 << 10
        return options
    }

    static func put(_ number: Int) -> Change {
        let random = SeededRandomness(seed: UInt64(number))
        let noise = (0..<600).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        return Kinds.put("k\(number)", ["data": .bytes(noise), "body": "alder birch"])
    }

    func run(_ acknowledged: () -> Void) throws(MnemeError) {
        for round in 0..<2 {
            let store = try Store.open("store", options: options)
            do throws(MnemeError) {
                try work(store, round, acknowledged)
            } catch {
                try? store.close()
                throw error
            }
            try store.close()
        }
        _ = try Store.open("store", .rebuild, options: options).close()
    }

    private func work(
        _ store: Store,
        _ round: Int,
        _ acknowledged: () -> Void
    ) throws(MnemeError) {
        try store.define(Kinds.schema)
        for number in 0..<60 {
            _ = try store.commit([Self.put(round * 60 + number)])
            acknowledged()
        }
        try store.checkpointNow()
        _ = try store.commit([Self.put(0)])
        try store.compactAll()
        _ = try store.backup(to: "backup \(round)")
        let findings = try store.verify().findings
        if !findings.isEmpty { throw MnemeError(.corrupt, "ulimit -n: \(findings)") }
    }
}

/// A disk on which only so many files may be open at a time, locks among them.
private final class CountingDisk: PassingDisk {
    let below: any Disk
    private let state: Mutex<(limit: Int, open: Int)>

    init(_ below: any Disk, limit: Int) {
        self.below = below
        state = Mutex((limit, 0))
    }

    func setLimit(_ limit: Int) { state.withLock { $0.limit = limit } }

    private func take(_ path: String) throws(DiskError) -> Descriptor {
        let isTaken = state.withLock { state in
            if state.open >= state.limit { return false }
            state.open += 1
            return true
        }
        guard isTaken else { throw .failed(call: "open", path: path, code: EMFILE) }
        return Descriptor { [self] in state.withLock { $0.open -= 1 } }
    }

    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        let descriptor = try take(path)
        return CountedFile(try below.open(path, mode), descriptor)
    }

    func list(_ directory: String) throws(DiskError) -> [String] {
        let descriptor = try take(directory)
        defer { descriptor.end() }
        return try below.list(directory)
    }

    func syncDirectory(_ path: String) throws(DiskError) {
        let descriptor = try take(path)
        defer { descriptor.end() }
        try below.syncDirectory(path)
    }

    func lock(_ path: String) throws(DiskError) -> any DiskLock {
        let descriptor = try take(path)
        return CountedLock(try below.lock(path), descriptor)
    }

    func lockDirectory(_ path: String, isShared: Bool) throws(DiskError) -> any DiskLock {
        let descriptor = try take(path)
        return CountedLock(try below.lockDirectory(path, isShared: isShared), descriptor)
    }
}

/// One open file, until it is ended or forgotten.
private final class Descriptor: Sendable {
    private let onEnd: @Sendable () -> Void
    private let isOpen = Atomic(true)

    init(_ onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }

    func end() { if isOpen.exchange(false, ordering: .relaxed) { onEnd() } }

    deinit { end() }
}

private final class CountedLock: DiskLock {
    private let below: any DiskLock
    private let descriptor: Descriptor

    init(_ below: any DiskLock, _ descriptor: Descriptor) {
        self.below = below
        self.descriptor = descriptor
    }

    // As a real lock, it keeps its descriptor until it is forgotten.
    func release() { below.release() }
}

private final class CountedFile: PassingFile {
    let below: any DiskFile
    private let descriptor: Descriptor

    init(_ below: any DiskFile, _ descriptor: Descriptor) {
        self.below = below
        self.descriptor = descriptor
    }

    func close() throws(DiskError) {
        try below.close()
        descriptor.end()
    }
}
