// Small files for `--smoke`, in the same formats as real ones, so that a quick check runs the whole
// command. The same on every machine.

internal import Foundation
internal import MnemeBase
internal import MnemeCommandLine

/// Makes files in a directory.
struct MadeData {
    private let directory: String

    /// Files that are to be made in a directory.
    init(_ directory: String) { self.directory = directory }

    /// 3,000 vectors of 64 in clusters, 50 queries, and the 10 nearest by inner product.
    ///
    /// - Throws: `Failure` when a file cannot be written.
    func vectors() throws(Failure) -> (base: String, queries: String, truth: String) {
        let dimension = 64
        let chance = SeededRandomness(seed: 1)
        let centres = (0..<30).map { _ in Self.vector(dimension, chance) }
        func near() -> [Float] {
            let centre = centres[chance.below(centres.count)]
            let noise = Self.vector(dimension, chance)
            return Self.unit(zip(centre, noise).map { $0 + 0.7 * $1 })
        }
        let base = (0..<3000).map { _ in near() }
        let queries = (0..<50).map { _ in near() }
        let truth = queries.map { query in
            let scores = base.map { row in zip(row, query).reduce(Float(0)) { $0 + $1.0 * $1.1 } }
            return scores.indices.sorted { scores[$0] > scores[$1] }.prefix(10).map(Int32.init)
        }
        let kind = "<f4"
        return (
            try array("base.npy", kind, base.count, dimension, base.joined().map(\.bitPattern)),
            try array(
                "query.npy",
                kind,
                queries.count,
                dimension,
                queries.joined().map(\.bitPattern)
            ),
            try array(
                "truth.npy",
                "<i4",
                truth.count,
                10,
                truth.joined().map { UInt32(bitPattern: $0) }
            )
        )
    }

    /// 500 documents and 40 queries, each made of words of the one document that is relevant.
    ///
    /// - Throws: as `vectors`.
    func texts() throws(Failure) -> (documents: String, queries: String) {
        let texts = (0..<500).map { "d\($0)x " + MadeText.sentence(UInt64($0), words: 40) }
        let documents = texts.enumerated().map { "{\"id\": \"\($0)\", \"text\": \"\($1)\"}" }
        let queries = (0..<40).map { query in
            let words = texts[query * 12].split(separator: " ")
            let asked = ([words[0]] + words.suffix(6)).joined(separator: " ")
            return "{\"id\": \(query), \"text\": \"\(asked)\", \"relevant\": [\(query * 12)]}"
        }
        return (
            try write("documents.jsonl", documents.joined(separator: "\n")),
            try write("queries.jsonl", queries.joined(separator: "\n"))
        )
    }

    /// A graph of 2,000 nodes in a tree with cross edges, and 30 questions of each kind.
    ///
    /// - Throws: as `vectors`.
    func graph() throws(Failure) -> (nodes: String, edges: String, work: String) {
        let count = 2000
        let chance = SeededRandomness(seed: 3)
        let nodes = (0..<count).map {
            "\($0),\"node, \($0)\",\(MadeText.sentence(UInt64($0), words: 5))"
        }
        var edges: [String] = []
        for node in 1..<count {
            // The second tree starts at 1990: there are pairs without a path.
            let parent = node >= 1990 ? 1990 : chance.below(node)
            if node != 1990 {
                edges.append("\(node),\(parent),hypernym")
                edges.append("\(parent),\(node),hyponym")
            }
            if node % 3 == 0 { edges.append("\(node),\(chance.below(count)),similar_to") }
        }
        let starts = (0..<30).map { "\($0 * 61)" }
        let pairs = (0..<30).map {
            "[\(chance.below(count)), \($0 < 5 ? 1995 : chance.below(count))]"
        }
        let typed = (0..<30).map { "[\($0), \"\($0 % 2 == 0 ? "hypernym" : "similar_to")\"]" }
        func list(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }
        return (
            try write("nodes.csv", (["id,word,gloss"] + nodes).joined(separator: "\n")),
            try write("edges.csv", (["src,dst,type"] + edges).joined(separator: "\n")),
            try write(
                "work.json",
                "{\"starts\": \(list(starts)), \"pairs\": \(list(pairs)), "
                    + "\"typed\": \(list(typed))}"
            )
        )
    }

    /// 4 conversations of 100 turns and 40 questions about one turn each.
    ///
    /// - Throws: as `vectors`.
    func conversations() throws(Failure) -> (memories: String, queries: String) {
        var memories: [String] = []
        var queries: [String] = []
        for owner in 0..<4 {
            for turn in 0..<100 {
                let seed = UInt64(owner * 1000 + turn)
                let text = MadeText.sentence(seed, words: 14) + " number \(owner)\(turn)"
                let speaker = turn % 2 == 0 ? "Ada" : "Ben"
                memories.append(
                    """
                    {"id": "c\(owner)/\(turn)", "conversation": "c\(owner)", \
                    "session": \(turn / 20), "turn": \(turn % 20), "speaker": "\(speaker)", \
                    "timestamp": "2024-01-\(10 + turn / 20)T10:\(10 + turn % 20):00Z", \
                    "text": "\(text)"}
                    """
                )
                guard turn % 10 == 5 else { continue }
                let asked = text.split(separator: " ").suffix(7).joined(separator: " ")
                queries.append(
                    """
                    {"id": "c\(owner)/q\(turn)", "conversation": "c\(owner)", \
                    "text": "\(asked)?", "category": \(1 + turn / 10 % 5), \
                    "relevant": ["c\(owner)/\(turn)"]}
                    """
                )
            }
        }
        return (
            try write("memories.jsonl", memories.joined(separator: "\n")),
            try write("questions.jsonl", queries.joined(separator: "\n"))
        )
    }

    private static func vector(_ dimension: Int, _ chance: SeededRandomness) -> [Float] {
        var vector: [Float] = []
        for _ in 0..<dimension {
            // The sum of four even numbers is near enough to a normal one.
            var sum: Float = -2
            for _ in 0..<4 { sum += Float(chance.below(1 << 20)) / Float(1 << 20) }
            vector.append(sum)
        }
        return unit(vector)
    }

    private static func unit(_ vector: [Float]) -> [Float] {
        let length = vector.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
        return vector.map { $0 / length }
    }

    /// A `.npy` file of 32-bit numbers.
    private func array(
        _ name: String,
        _ kind: String,
        _ rows: Int,
        _ columns: Int,
        _ numbers: [UInt32]
    ) throws(Failure) -> String {
        var header =
            "{'descr': '\(kind)', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
        while (header.utf8.count + 11) % 64 != 0 { header += " " }
        header += "\n"
        var bytes = ByteWriter()
        bytes.put([0x93] + Array("NUMPY".utf8) + [1, 0])
        bytes.put(UInt16(header.utf8.count))
        bytes.put(Array(header.utf8))
        for number in numbers { bytes.put(number) }
        return try write(name, bytes.bytes)
    }

    private func write(_ name: String, _ text: String) throws(Failure) -> String {
        try write(name, Array((text + "\n").utf8))
    }

    private func write(_ name: String, _ bytes: [UInt8]) throws(Failure) -> String {
        let path = directory + "/" + name
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        } catch {
            throw Failure("\(path) cannot be written: \(error.localizedDescription)")
        }
        return path
    }
}
