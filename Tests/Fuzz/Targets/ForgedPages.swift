// A page file that was written by the room itself, with something of every kind of page, whose
// bytes are changed and whose checksums are then made to match: what stands behind them is met.
// Format: formats/pages.md.

internal import MnemeBase
internal import MnemeGraph
internal import MnemePages
internal import MnemeTree
internal import MnemeVectors

/// A true page file, and what to look for in it.
struct ForgedPages: Sendable {
    static let path = "pages"
    static let identity = StoreIdentity(high: 7, low: 11)
    /// Ordinals that were used.
    static let ordinals: UInt64 = 300
    /// Nodes of the graph.
    static let nodes: UInt64 = 40
    /// Vectors of the index.
    static let vectors: UInt64 = 90
    private static let place = 1024
    private static let page = 8192

    /// The file.
    let bytes: [UInt8]
    /// What a checksum stands before, with its seed: the root blocks, then all runs by their place.
    private let runs: [(bytes: Range<Int>, seed: UInt64)]
    let tree: Tree
    let adjacency: Adjacency
    let coder: VectorCoder
    let head: PageID

    /// Every page as it is.
    static let plain = make(packs: false)
    /// Packed pages, and deltas.
    static let packed = make(packs: true)

    /// A file with changes; `isSealed`: whose checksums match.
    func forged(_ script: ByteScript, isSealed: Bool) -> [UInt8] {
        var forged = bytes
        script.apply(to: &forged, runs.map(\.bytes))
        guard isSealed else { return forged }
        for run in runs where forged[run.bytes] != bytes[run.bytes] {
            let sum = Checksum.xxh3(Array(forged[run.bytes].dropFirst(8)), seed: run.seed)
            forged.put(sum, at: run.bytes.lowerBound)
        }
        return forged
    }

    /// How many parts a script may speak of.
    var partCount: Int { runs.count }

    private static func make(packs: Bool) -> ForgedPages {
        do {
            return try ForgedPages(packs: packs)
        } catch {
            preconditionFailure("no pages to begin with: \(error)")
        }
    }

    private init(packs: Bool) throws {
        let disk = MemoryDisk()
        let file = try PageFile.create(disk, path: Self.path, identity: Self.identity, packs: packs)
        let editor = file.edit()
        // The number of the first page of all is 0, which stands for no tree.
        tree = Tree.create(in: editor)
        adjacency = Adjacency.create(in: editor)
        let shape = try VectorShape(dimension: 8, metric: .cosine, format: .float32)
        coder = VectorCoder(shape: shape, seed: 3)
        head = try VectorIndex.create(coder: coder, in: editor).head
        for ordinal in 0..<Self.ordinals {
            let entry = OrdinalEntry(
                place: ordinal,
                birth: ordinal + 1,
                owner: 7,
                collection: 8,
                flags: 9
            )
            try OrdinalTable.set(entry, of: ordinal, in: editor)
        }
        for index in 0..<UInt8(90) {
            let value = [UInt8](repeating: index, count: 3 * Int(index))
            try tree.insert(Self.key(index), value, in: editor)
        }
        for edge in 0..<UInt64(260) {
            let (from, to) = (edge % Self.nodes, edge * 7 % Self.nodes)
            let type = UInt16(edge % 3)
            try adjacency.link(edge: edge, type: type, from: from, to: to, birth: 9, in: editor)
        }
        let random = SeededRandomness(seed: 5)
        let index = try VectorIndex.open(coder, head, in: editor)
        for ordinal in 0..<Self.vectors {
            let row = try shape.format.encode(
                (0..<8).map { _ in Float(random.below(2001)) / 1000 - 1 }
            )
            let owner = UInt32(ordinal % 3)
            try index.insert(
                owner: owner,
                ordinal: ordinal,
                row: row,
                address: ordinal,
                in: editor
            )
        }
        _ = file.publish(editor)
        try Self.makeGraph(coder, head, file)
        try file.checkpoint(file.root, payload: [5])
        // What changes now is a delta where pages are packed.
        let later = file.edit()
        try tree.insert([1, 2], [3], in: later)
        try adjacency.link(edge: 900, type: 1, from: 1, to: 2, birth: 10, in: later)
        _ = file.publish(later)
        try file.checkpoint(file.root, payload: [5, 6])
        let stored = try disk.open(Self.path, .read)
        bytes = try stored.read(at: 0, count: Int(try stored.byteCount()))
        runs = Self.runs(in: bytes)
    }

    static func key(_ index: UInt8) -> [UInt8] { [0, 1, 0, 2, index / 9, index, index] }

    private static func makeGraph(
        _ coder: VectorCoder,
        _ head: PageID,
        _ file: PageFile
    ) throws {
        let keeper = GraphKeeper(coder, least: 16)
        for _ in 0..<1_000 {
            let view = file.root.view
            let index = try VectorIndex.open(coder, head, in: view)
            guard let step = try keeper.next(index, view, isDue: true, goesOn: { _, _ in true })
            else { return }
            let editor = file.edit()
            try step.make(try VectorIndex.open(coder, head, in: editor), editor)
            _ = file.publish(editor)
        }
    }

    /// The root blocks, and every run that a checksum stands before.
    static func runs(in bytes: [UInt8]) -> [(bytes: Range<Int>, seed: UInt64)] {
        var runs = (0..<2).map { slot in
            (bytes: (slot * page)..<((slot + 1) * page), seed: UInt64(slot))
        }
        var first = 16
        while (first + 1) * place <= bytes.count {
            let start = first * place
            let counts = (1...8).filter { start + $0 * place <= bytes.count }
            let count = counts.first { count in
                let body = Array(bytes[(start + 8)..<(start + count * place)])
                return Checksum.xxh3(body, seed: UInt64(first)) == bytes.long(start)
            }
            if let count { runs.append((start..<(start + count * place), UInt64(first))) }
            first += count ?? 1
        }
        return runs
    }
}
