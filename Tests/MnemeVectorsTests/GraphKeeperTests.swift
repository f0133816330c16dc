// An index that is kept as a store keeps it: commits put, replace, move and remove vectors while
// the graph is made, grows, is mended and goes. After every step all that the index says agrees,
// and searches find what is there.

import MnemeBase
import MnemePages
import Testing

@testable import MnemeVectors

/// Rows by address.
@safe
private final class Rows: VectorSource {
    private let shape: VectorShape
    private let bytes: UnsafeMutableRawPointer
    private let capacity: Int

    init(_ shape: VectorShape, capacity: Int) {
        self.shape = shape
        self.capacity = capacity
        unsafe bytes = .allocate(byteCount: capacity * shape.rowByteCount, alignment: 64)
        unsafe bytes.initializeMemory(
            as: UInt8.self,
            repeating: 0,
            count: capacity * shape.rowByteCount
        )
    }

    deinit { unsafe bytes.deallocate() }

    func set(_ address: UInt64, _ row: [UInt8]) {
        unsafe (bytes + Int(address) * shape.rowByteCount)
            .copyMemory(from: row, byteCount: row.count)
    }

    func resolve(
        _ addresses: UnsafeBufferPointer<UInt64>,
        of ordinals: UnsafePointer<UInt64>,
        into rows: UnsafeMutablePointer<UnsafeRawPointer>
    ) throws(VectorError) {
        for index in 0..<addresses.count {
            let address = unsafe addresses[index]
            guard address < UInt64(capacity) else { throw .unreadable(address: address) }
            unsafe rows[index] = UnsafeRawPointer(bytes + Int(address) * shape.rowByteCount)
        }
    }
}

/// An index in a page file, its keeper, and what is to be found.
private final class KeptIndex {
    let coder: VectorCoder
    let random: SeededRandomness
    let disk = MemoryDisk()
    let identity = StoreIdentity(high: 1, low: 9)
    var file: PageFile
    let head: PageID
    var keeper: GraphKeeper
    let rows: Rows
    let least: Int
    /// The vectors that are there, by ordinal, each with its address.
    var vectors: [UInt64: (owner: UInt32, row: [Float], address: UInt64)] = [:]
    /// Of a hundred vectors so many are equal to others.
    var copyShare = 0
    private var nextAddress: UInt64 = 0
    private let centres: [[Float]]

    init(_ seed: UInt64, least: Int, dimension: Int = 64, metric: VectorMetric) throws {
        random = SeededRandomness(seed: seed)
        let shape = try VectorShape(dimension: dimension, metric: metric, format: .float32)
        coder = VectorCoder(shape: shape, seed: 3)
        self.least = least
        keeper = GraphKeeper(coder, least: least, threadCount: 1 + Int(seed % 2))
        rows = Rows(shape, capacity: 40_000)
        file = try PageFile.create(disk, path: "pages", identity: identity)
        let editor = file.edit()
        _ = ColumnTree.create(ColumnShape(columns: []), in: editor)
        head = try VectorIndex.create(coder: coder, in: editor).head
        _ = file.publish(editor)
        let random = random
        centres = (0..<9).map { _ in
            (0..<dimension).map { _ in Float(random.next() % 2001) / 1000 - 1 }
        }
    }

    func vector() -> [Float] {
        if copyShare > 0, random.next() % 100 < UInt64(copyShare) {
            return centres[random.next() % 4 == 0 ? 1 : 0]
        }
        let centre = centres[Int(random.next() % UInt64(centres.count))]
        return centre.map { $0 + Float(random.next() % 1201) / 1000 - 0.6 }
    }

    var index: VectorIndex {
        get throws { try VectorIndex.open(coder, head, in: file.root.view) }
    }

    func edit(_ body: (VectorIndex, PageEditor) throws -> Void) throws {
        let editor = file.edit()
        do {
            try body(try VectorIndex.open(coder, head, in: editor), editor)
        } catch {
            file.discard(editor)
            throw error
        }
        _ = file.publish(editor)
    }

    /// A commit: some vectors come, are replaced, move, or go.
    func commit(_ count: Int, growth: Int) throws {
        try edit { index, editor in
            for _ in 0..<count {
                let known = vectors.count
                let choice = Int(random.next() % 100)
                if known == 0 || choice < growth {
                    let ordinal = choice % 5 == 0 && known > 0 ? some() : random.next() >> 20
                    let owner = vectors[ordinal]?.owner ?? UInt32(random.next() % 5)
                    let row = try coder.shape.format.encode(vector())
                    let address = take()
                    rows.set(address, row)
                    try index.insert(
                        owner: owner,
                        ordinal: ordinal,
                        row: row,
                        address: address,
                        in: editor
                    )
                    let decoded = try coder.shape.format.decode(
                        row,
                        dimension: coder.shape.dimension
                    )
                    vectors[ordinal] = (owner, decoded, address)
                } else if choice % 4 == 0 {
                    let ordinal = some()
                    guard let old = vectors[ordinal] else { continue }
                    let address = take()
                    rows.set(address, try coder.shape.format.encode(old.row))
                    try index.move(owner: old.owner, ordinal: ordinal, to: address, in: editor)
                    vectors[ordinal]?.address = address
                } else {
                    let ordinal = some()
                    guard let old = vectors.removeValue(forKey: ordinal) else { continue }
                    try index.remove(owner: old.owner, ordinal: ordinal, in: editor)
                }
            }
        }
    }

    private func some() -> UInt64 {
        let ordinals = vectors.keys.sorted()
        return ordinals[Int(random.next() % UInt64(ordinals.count))]
    }

    private func take() -> UInt64 {
        defer { nextAddress += 1 }
        return nextAddress
    }

    /// Takes a step; whether there was one.
    ///
    /// What it was planned on may have changed meanwhile.
    func step(isDue: Bool, meanwhile: () throws -> Void = {}) throws -> Bool {
        let planned = try keeper.next(try index, file.root.view, isDue: isDue) { _, _ in true }
        guard let planned else { return false }
        try meanwhile()
        try edit { index, editor in try planned.make(index, editor) }
        return true
    }

    func settle() throws {
        var steps = 0
        while try step(isDue: true) {
            steps += 1
            try #require(steps < 20_000, "it never ends")
        }
    }

    /// Ends the process after a checkpoint, or at once, and opens again.
    func reopen(_ isWritten: Bool) throws {
        if isWritten { _ = try file.checkpoint(file.root, payload: []) }
        keeper = GraphKeeper(coder, least: least, threadCount: 1)
        guard isWritten else { return }
        try file.close()
        let opened = try PageFile.open(disk, path: "pages", identity: identity)
        file = opened.file
    }

    func check(_ note: String) throws -> Bool {
        let root = file.root
        let index = try index
        try index.checkStructure(root, andSlack: true)
        let findings = try index.findings(in: root)
        #expect(findings == [], "\(note)")
        #expect(try index.tree.count(in: root.view) == vectors.count)
        return findings.isEmpty
    }

    func nearest(_ query: [Float], _ limits: NearestLimits) throws -> NearestAnswer {
        try index.nearest(
            to: try coder.prepare(query),
            in: .all,
            limits: limits,
            view: file.root.view,
            source: rows
        ) { _ in true }
    }
}

struct GraphKeeperTests {
    @Test(arguments: [UInt64](1...6))
    func whateverHappensTheIndexAgreesWithItself(seed: UInt64) throws {
        let metric = VectorMetric.allCases[Int(seed % 3)]
        let kept = try KeptIndex(seed, least: 300, metric: metric)
        var growth = 90
        for round in 0..<40 {
            if round % 10 == 7 { growth = Int(kept.random.next() % 95) + 3 }
            try kept.commit(1 + Int(kept.random.next() % 90), growth: growth)
            for _ in 0..<Int(kept.random.next() % 12) {
                let isDue = kept.random.next() % 3 == 0
                let isChanged = kept.random.next() % 3 == 0
                _ = try kept.step(isDue: isDue) {
                    if isChanged { try kept.commit(5, growth: growth) }
                }
            }
            if kept.random.next() % 8 == 0 { try kept.reopen(kept.random.next() % 2 == 0) }
            guard try kept.check("seed \(seed), round \(round)") else { return }
        }
        try kept.settle()
        guard try kept.check("seed \(seed), settled") else { return }
        let head = try kept.index.graph(in: kept.file.root.view)
        if kept.vectors.count > 300 { #expect(head.count > 0) }
        // A record's own vector finds it, by a walk too.
        var missed = 0
        for (ordinal, vector) in kept.vectors where metric != .dot {
            let found = try kept.nearest(vector.row, NearestLimits(count: 3, beam: 60))
            if found.hits.first?.ordinal != ordinal { missed += 1 }
            if head.count > 0 { #expect(found.tier == .walk) }
        }
        #expect(missed <= kept.vectors.count / 200, "seed \(seed): \(missed)")
    }

    @Test func walksSeeWhatIsFreshAndNotWhatIsGone() throws {
        let kept = try KeptIndex(5, least: 200, metric: .cosine)
        try kept.commit(700, growth: 100)
        try kept.settle()
        #expect(try kept.index.graph(in: kept.file.root.view).count > 0)
        try kept.commit(300, growth: 55)
        for (ordinal, vector) in kept.vectors {
            let found = try kept.nearest(vector.row, NearestLimits(count: 1, beam: 80))
            #expect(found.tier == .walk)
            #expect(found.hits.count == 1)
            for hit in found.hits { #expect(kept.vectors[hit.ordinal] != nil) }
            if try kept.index.fresh?.find(UInt64(vector.owner), ordinal, in: kept.file.root.view)
                != nil
            {
                #expect(found.hits.first?.ordinal == ordinal)
            }
        }
        // As many as there are come back, whatever is asked for.
        let all = try kept.nearest(kept.vector(), NearestLimits(count: 5_000, beam: 10))
        #expect(all.hits.count == kept.vectors.count)
        #expect(all.tier == .scan)
    }

    @Test func fewVectorsHaveNoGraph() throws {
        let kept = try KeptIndex(2, least: 400, metric: .squaredEuclidean)
        try kept.commit(399, growth: 100)
        #expect(try !kept.step(isDue: true))
        try kept.commit(200, growth: 100)
        try kept.settle()
        #expect(try kept.index.graph(in: kept.file.root.view).count > 400)
        while kept.vectors.count > 80 { try kept.commit(50, growth: 0) }
        try kept.settle()
        #expect(try kept.index.fresh == nil)
        #expect(try kept.check("after the end"))
        let found = try kept.nearest(kept.vector(), NearestLimits(count: 7, beam: 10))
        #expect(found.hits.count == 7)
        #expect(found.tier == .scan)
    }

    @Test(arguments: [UInt64](1...4))
    func equalVectorsHideNothing(seed: UInt64) throws {
        let metric: VectorMetric = seed % 2 == 0 ? .cosine : .squaredEuclidean
        let kept = try KeptIndex(seed, least: 150, metric: metric)
        for (share, count, growth) in [
            (100, 260, 100), (100, 400, 100), (0, 200, 100), (100, 400, 100), (60, 300, 50),
        ] {
            kept.copyShare = share
            var left = count
            while left > 0 {
                try kept.commit(min(left, 70), growth: growth)
                left -= 70
                while try kept.step(isDue: false) {}
            }
            try kept.settle()
            let note = "seed \(seed), \(kept.vectors.count) vectors"
            guard try kept.check(note) else { return }
            #expect(try kept.index.graph(in: kept.file.root.view).count > 0)
            var lost = 0
            let asked = kept.vectors.keys.sorted().enumerated()
                .filter { $0.offset % 3 == 0 }
                .compactMap { kept.vectors[$0.element] }
            for vector in asked {
                let found = try kept.nearest(vector.row, NearestLimits(count: 3, beam: 40))
                #expect(found.tier == .walk)
                let isFound = found.hits.contains { kept.vectors[$0.ordinal]?.row == vector.row }
                if !isFound { lost += 1 }
            }
            #expect(lost <= asked.count / 100, "\(lost) are lost, \(note)")
            // No second copy is asked about before everything else.
            let sample = try kept.index.sample(50, in: kept.file.root.view)
            #expect(Set(sample).count == sample.count)
            let rows = Set(kept.vectors.values.map(\.row))
            let some = Set(sample.compactMap { kept.vectors[$0]?.row })
            #expect(some.count >= min(rows.count, 50) * 9 / 10, "\(note)")
        }
    }
}
