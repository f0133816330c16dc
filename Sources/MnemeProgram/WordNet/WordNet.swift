// All of WordNet, read from its data files: wndb(5WN). Lines that start with two blanks are the
// licence at the head of each file.

internal import MnemeBase
internal import MnemeCommandLine

/// The synsets of WordNet and the edges between them.
struct WordNet: Sendable {
    /// A pointer between two synsets by their numbers.
    struct Edge: Hashable, Sendable {
        var type: PointerType
        var from: Int
        var to: Int
    }

    /// The synsets: nouns, verbs, adjectives, adverbs, each in the order of its file.
    let synsets: [Synset]
    /// The edges in the order of the synsets that they start from.
    let edges: [Edge]
    /// Pointers as the files count them: several may join the same two synsets by other words.
    let pointerCount: Int

    /// Where Debian's package `wordnet-base` puts the files.
    static let directory = "/usr/share/wordnet"

    /// Reads the four data files of a directory.
    ///
    /// - Throws: `Failure` that names file and line: a line that is no synset, a synset given
    ///   twice, a pointer to nothing; or says which package brings missing files.
    /// - Complexity: O(*n*) in the bytes.
    init(directory: String, on disk: any Disk = RealDisk()) throws(Failure) {
        var synsets: [Synset] = []
        var places: [Place] = []
        for part in PartOfSpeech.allCases {
            let path = "\(directory)/data.\(part.rawValue)"
            let bytes = try Self.read(path, on: disk)
            try Self.read(bytes, of: path, part, into: &synsets, &places)
        }
        self.synsets = synsets
        edges = try Self.edges(between: synsets, places)
        pointerCount = synsets.reduce(0) { $0 + $1.pointerCount }
    }

    /// Where a synset was read.
    private struct Place {
        var path: String
        var line: Int

        func failure(_ what: String) -> Failure { Failure("\(path):\(line): \(what).") }
    }

    private static func read(_ path: String, on disk: any Disk) throws(Failure) -> [UInt8] {
        do {
            return try InputFile(path, on: disk).readAll()
        } catch {
            throw Failure(
                "\(error.message) WordNet's files are brought by Debian's package wordnet-base: "
                    + "apt-get install wordnet-base."
            )
        }
    }

    private static func read(
        _ bytes: [UInt8],
        of path: String,
        _ part: PartOfSpeech,
        into synsets: inout [Synset],
        _ places: inout [Place]
    ) throws(Failure) {
        var start = 0
        var place = Place(path: path, line: 0)
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            defer { start = end + 1 }
            place.line += 1
            if bytes[start..<end].starts(with: "  ".utf8) || start == end { continue }
            let synset: Synset
            do {
                synset = try SynsetReader.read(bytes, start..<end)
            } catch {
                throw place.failure("\(error)")
            }
            guard synset.name.part == part else {
                throw place.failure("the synset is of another part of speech than its file")
            }
            synsets.append(synset)
            places.append(place)
        }
    }

    private static func edges(
        between synsets: [Synset],
        _ places: [Place]
    ) throws(Failure) -> [Edge] {
        var numbers: [SynsetName: Int] = [:]
        numbers.reserveCapacity(synsets.count)
        for (number, synset) in synsets.enumerated()
        where numbers.updateValue(number, forKey: synset.name) != nil {
            throw places[number].failure("the synset \(synset.name.key) was there already")
        }
        var edges: [Edge] = []
        edges.reserveCapacity(synsets.count * 4)
        for (number, synset) in synsets.enumerated() {
            for pointer in synset.pointers {
                guard let target = numbers[pointer.to] else {
                    throw places[number].failure(
                        "the pointer \(pointer.type.rawValue) leads to \(pointer.to.key), which "
                            + "is not there"
                    )
                }
                edges.append(Edge(type: pointer.type, from: number, to: target))
            }
        }
        return edges
    }
}
