// The scan tier against brute force.

import MnemeBase
import Testing

@testable import MnemeVectors

/// An index in memory, in blocks of any size.
@safe final class World: VectorSource {
    let coder: VectorCoder
    let rows: [[Float]]
    private let bytes: UnsafeMutableRawPointer
    private var columns: [UnsafeMutableRawPointer] = unsafe []
    private(set) var blocks: [CodeBlock] = []

    init(shape: VectorShape, rows: [[Float]], blockSize: Int) throws {
        coder = VectorCoder(shape: shape, seed: 77)
        unsafe bytes = .allocate(byteCount: max(1, rows.count * shape.rowByteCount), alignment: 64)
        var stored: [[Float]] = []
        for (index, row) in rows.enumerated() {
            let encoded = try shape.format.encode(row)
            stored.append(try shape.format.decode(encoded, dimension: shape.dimension))
            unsafe (bytes + index * shape.rowByteCount).copyMemory(
                from: encoded,
                byteCount: encoded.count
            )
        }
        self.rows = stored
        for start in stride(from: 0, to: rows.count, by: blockSize) {
            try add(start..<min(start + blockSize, rows.count))
        }
    }

    deinit {
        unsafe bytes.deallocate()
        // swift-format-ignore
        for unsafe column in unsafe columns { unsafe column.deallocate() }
    }

    private func column<Element>(_ values: [Element]) -> UnsafePointer<Element> {
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: max(1, values.count * MemoryLayout<Element>.stride),
            alignment: 64
        )
        unsafe columns.append(memory)
        let typed = unsafe memory.bindMemory(to: Element.self, capacity: values.count)
        unsafe typed.initialize(from: values, count: values.count)
        return unsafe UnsafePointer(typed)
    }

    private func add(_ range: Range<Int>) throws {
        let coded = try range.map { try CoderTests.encode(coder, rows[$0]) }
        blocks.append(
            unsafe CodeBlock(
                codes: column(coded.flatMap { $0.0 }),
                scales: column(coded.map { $0.1.scale }),
                biases: column(coded.map { $0.1.bias }),
                addresses: column(range.map { UInt64($0) }),
                ordinals: column(range.map { UInt64(1_000 + $0) }),
                count: range.count
            )
        )
    }

    func resolve(
        _ addresses: UnsafeBufferPointer<UInt64>,
        of ordinals: UnsafePointer<UInt64>,
        into pointers: UnsafeMutablePointer<UnsafeRawPointer>
    ) throws(VectorError) {
        for index in 0..<addresses.count {
            let address = unsafe addresses[index]
            guard address < UInt64(rows.count), unsafe ordinals[index] == 1_000 + address else {
                throw .unreadable(address: address)
            }
            unsafe pointers[index] = UnsafeRawPointer(
                bytes + Int(address) * coder.shape.rowByteCount
            )
        }
    }

    func search(
        _ query: [Float],
        _ limits: NearestLimits,
        accept: (UInt64) -> Bool = { _ in true }
    ) throws -> NearestAnswer {
        let prepared = try coder.prepare(query)
        var iterator = blocks.makeIterator()
        return try scanNearest(
            to: prepared,
            in: &iterator,
            from: self,
            limits: limits,
            accept: accept
        )
    }

    func exact(_ query: [Float], _ index: Int) -> Double {
        var (dot, squares, wanted, distance) = (0.0, 0.0, 0.0, 0.0)
        for (one, other) in zip(query, rows[index]) {
            dot += Double(one) * Double(other)
            squares += Double(other) * Double(other)
            wanted += Double(one) * Double(one)
            distance += (Double(one) - Double(other)) * (Double(one) - Double(other))
        }
        switch coder.shape.metric {
        case .cosine: return dot / (squares * wanted).squareRoot()
        case .dot: return dot
        case .squaredEuclidean: return -distance
        }
    }
}

@Suite struct ScanSearchTests {
    @Test(arguments: VectorMetric.allCases, ElementFormat.allCases)
    func equalsBruteForce(metric: VectorMetric, format: ElementFormat) throws {
        let seed = UInt64(metric.rawValue) * 2 + UInt64(format.rawValue) + 1
        let random = SeededRandomness(seed: seed)
        for (dimension, count, blockSize) in [(5, 60, 7), (64, 400, 37), (200, 700, 300)] {
            let shape = try VectorShape(dimension: dimension, metric: metric, format: format)
            let world = try World(
                shape: shape,
                rows: (0..<count).map { _ in random.vector(dimension) },
                blockSize: blockSize
            )
            for trial in 0..<6 {
                let query = random.vector(dimension)
                let k = [1, 10, count + 5][trial % 3]
                let refused = UInt64(trial / 3)  // The second half hides every other entry.
                let answer = try world.search(
                    query,
                    NearestLimits(count: k, kept: max(count / 3, k)),
                    accept: { refused == 0 || $0 % 2 == 0 }
                )
                let truth = (0..<count).filter { refused == 0 || $0 % 2 == 0 }
                    .map { (score: world.exact(query, $0), ordinal: UInt64(1_000 + $0)) }
                    .sorted { ($0.score, $1.ordinal) > ($1.score, $0.ordinal) }.prefix(k)
                #expect(answer.hits.map(\.ordinal) == truth.map(\.ordinal), "seed \(seed)")
                for (hit, wanted) in zip(answer.hits, truth) {
                    #expect(abs(Double(hit.score) - wanted.score) < 1e-4 * Double(dimension))
                }
                #expect(answer.scannedCount == count)
                #expect(answer.isExact == (k > count))
                #expect(
                    answer
                        == (try world.search(
                            query,
                            NearestLimits(count: k, kept: max(count / 3, k)),
                            accept: { refused == 0 || $0 % 2 == 0 }
                        ))
                )
            }
        }
    }

    @Test func filtersAreAskedOnlyAboutEntriesThatWouldEnter() throws {
        let random = SeededRandomness(seed: 21)
        let shape = try VectorShape(dimension: 64, metric: .dot, format: .float32)
        let world = try World(
            shape: shape,
            rows: (0..<2_000).map { _ in random.vector(64) },
            blockSize: 40
        )
        var asked = 0
        _ = try world.search(random.vector(64), NearestLimits(count: 10)) { _ in
            asked += 1
            return true
        }
        #expect(asked >= 20 && asked < 400)
    }

    @Test func edgesAreDefined() throws {
        let shape = try VectorShape(dimension: 10, metric: .cosine, format: .float16)
        let same = [Float](repeating: 0.25, count: 10)
        let world = try World(
            shape: shape,
            rows: [[Float]](repeating: same, count: 1_000),
            blockSize: 33
        )
        let limits = NearestLimits(count: 3)
        #expect(try world.search(same, limits).hits.map(\.ordinal) == [1_000, 1_001, 1_002])
        #expect(try world.search(same, NearestLimits(count: 0)).hits.isEmpty)
        #expect(try world.search(same, limits) { _ in false }.hits.isEmpty)
        #expect(try world.search(same, limits) { _ in false }.isExact)
        #expect(
            try world.search(same, limits) { $0 == 1_999 }.hits.map(\.ordinal) == [1_999]
        )
        #expect(throws: VectorError.zeroVector) {
            try world.search([Float](repeating: 0, count: 10), limits)
        }
        let empty = try World(shape: shape, rows: [], blockSize: 1)
        #expect(try empty.search(same, limits).hits.isEmpty)
    }

    @Test func anAddressThatLeadsNowhereIsNamed() throws {
        let shape = try VectorShape(dimension: 4, metric: .dot, format: .float32)
        let world = try World(shape: shape, rows: [[1, 2, 3, 4]], blockSize: 1)
        let other = try World(shape: shape, rows: [], blockSize: 1)
        let query = try world.coder.prepare([1, 1, 1, 1])
        var search = ScanSearch(limits: NearestLimits(count: 1))
        search.scan(world.blocks[0], for: query) { _ in true }
        var caught: VectorError?
        do throws(VectorError) {
            _ = try search.finish(for: query, from: other)
        } catch {
            caught = error
        }
        #expect(caught == .unreadable(address: 0))
    }

    @Test func extremeLengthsKeepTheirScores() throws {
        let shape = try VectorShape(dimension: 8, metric: .cosine, format: .float32)
        let vector: [Float] = [1, 2, 3, 4, -5, 6, 7, 8]
        let world = try World(
            shape: shape,
            rows: [vector.map { $0 * 1e-30 }, vector.map { $0 * 1e30 }, vector.map { -$0 }],
            blockSize: 2
        )
        let hits = try world.search(vector.map { $0 * 1e25 }, NearestLimits(count: 3)).hits
        #expect(Set(hits.prefix(2).map(\.ordinal)) == [1_000, 1_001])
        #expect(hits.count == 3 && abs(hits[0].score - 1) < 1e-5 && abs(hits[2].score + 1) < 1e-5)
    }
}
