// What reads bytes that nobody vouches for, by name: each target takes any input and says what did
// not hold, and has true inputs to begin with, which are made here and stand in no file. Tests run
// them and mutations of them; tools/fuzz runs the same under libFuzzer.

internal import WireFuzz

/// A reader that is fuzzed.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// Frames, requests, responses, both session machines.
    case wire
    /// CBOR as trees, as values and as bodies of records.
    case cbor
    /// JSON text as values and as requests.
    case json
    /// Filters, questions, patterns, expressions, queries, recurrences.
    case filter
    /// Schema files, and records held against them.
    case schema
    /// Segments of the log.
    case log
    /// The page file, and what lives in its pages.
    case pages
    /// Runs of postings.
    case text
    /// Bitmaps, packed blocks, keys of indexes, tables of time zones.
    case blocks

    /// Runs one input and says what did not hold; nil where all did.
    package func run(_ input: [UInt8]) -> String? {
        switch self {
        case .wire: WireFuzz.run(input)
        case .cbor: CBORTarget.run(input)
        case .json: JSONTarget.run(input)
        case .filter: FilterTarget.run(input)
        case .schema: SchemaTarget.run(input)
        case .log: LogTarget.run(input)
        case .pages: PageTarget.run(input)
        case .text: TextTarget.run(input)
        case .blocks: BlockTarget.run(input)
        }
    }

    /// True inputs, which lead as far into the reader as there is to go.
    ///
    /// Those of the wire are the files of its corpus.
    package var seeds: [FuzzSeed] {
        switch self {
        case .wire: []
        case .cbor: CBORTarget.seeds
        case .json: JSONTarget.seeds
        case .filter: FilterTarget.seeds
        case .schema: SchemaTarget.seeds
        case .log: LogTarget.seeds
        case .pages: PageTarget.seeds
        case .text: TextTarget.seeds
        case .blocks: BlockTarget.seeds
        }
    }
}

/// An input to begin with.
package struct FuzzSeed: Sendable {
    /// What it is, as the name of a file.
    package let name: String
    package let bytes: [UInt8]

    init(_ name: String, _ bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// A text behind a byte that says what it is read as.
    init(_ name: String, _ kind: UInt8, _ text: String) {
        self.init(name, [kind] + Array(text.utf8))
    }
}
