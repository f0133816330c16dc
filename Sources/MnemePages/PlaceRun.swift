// Where things stand in the page file: places of 1 KiB, runs of neighbouring ones, the two that a
// page may take, its base and what changed since, and the tag by which an older version of the same
// is told that stood there before. Format: formats/pages.md#page.

/// Sizes in the file.
enum PlaceLayout {
    /// Bytes of a place.
    static let size = 1024
    /// Places of a page that is written as it is, of a delta page and of a root block.
    static let page = PageLayout.size / size
    /// An extent starts at a multiple of so many places: mappings start at 4,096 bytes.
    static let extentAlignment = 4
    /// Places are below it: they stand in five bytes.
    static let limit: UInt64 = 1 << 40
}

/// One to eight neighbouring places; no bits at all is none.
struct PlaceRun: Hashable, Sendable {
    let bits: UInt64

    static let none = PlaceRun(bits: 0)

    init(bits: UInt64) { self.bits = bits }

    init(_ first: UInt64, count: Int) { bits = first << 4 | UInt64(count) }

    var isNone: Bool { bits == 0 }
    var first: UInt64 { bits >> 4 }
    var count: Int { Int(bits & 15) }
    /// It is all of a page, unpacked.
    var isWhole: Bool { count == PlaceLayout.page }
    var byteOffset: UInt64 { first * UInt64(PlaceLayout.size) }
    var byteCount: Int { count * PlaceLayout.size }

    /// A run as a damaged file may state it: the right size, and not among the root blocks.
    var isPossible: Bool {
        count >= 1 && count <= PlaceLayout.page && first >= UInt64(2 * PlaceLayout.page)
            && first < PlaceLayout.limit
    }
}

/// A delta: the delta page that it stands in and its offset there; no bits at all is none.
struct DeltaSpot: Hashable, Sendable {
    let bits: UInt64

    static let none = DeltaSpot(bits: 0)

    init(bits: UInt64) { self.bits = bits }

    init(_ page: UInt64, offset: Int) { bits = page << 16 | UInt64(offset) }

    var isNone: Bool { bits == 0 }
    var offset: Int { Int(bits & 0xffff) }
    /// The delta page's places.
    var page: PlaceRun { PlaceRun(bits >> 16, count: PlaceLayout.page) }
}

/// The low 16 bits of the number of the checkpoint that wrote a run: who knows where it stands
/// knows which version stands there too.
struct CheckpointTag: Hashable, Sendable {
    let bits: UInt16

    init(bits: UInt16) { self.bits = bits }

    init(of checkpoint: UInt64) { bits = UInt16(truncatingIfNeeded: checkpoint) }
}

/// Where a page can be read, and who wrote it there.
struct PageSpot: Hashable, Sendable {
    let base: PlaceRun
    let delta: DeltaSpot
    /// Of the checkpoint that wrote the delta, or the base where there is none.
    let tag: CheckpointTag

    static let none = PageSpot(word: 0)

    init(base: PlaceRun, delta: DeltaSpot = .none, tag: CheckpointTag) {
        self.base = base
        self.delta = delta
        self.tag = tag
    }

    /// From the word of its base and tag.
    init(word: UInt64, delta: DeltaSpot = .none) {
        base = PlaceRun(bits: word & (1 << Self.tagShift - 1))
        self.delta = delta
        tag = CheckpointTag(bits: UInt16(truncatingIfNeeded: word >> Self.tagShift))
    }

    /// A run's bits are below.
    private static let tagShift: UInt64 = 48

    /// Base and tag in one word: of a page without a delta it says everything.
    var word: UInt64 { base.bits | UInt64(tag.bits) << Self.tagShift }

    var isNone: Bool { base.isNone }

    /// What the base is to hold; under a delta its tag is not known.
    func baseContent(_ id: PageID) -> RunContent {
        RunContent(id: id, run: base, tag: delta.isNone ? tag : nil)
    }
}

/// What a reader expects of a run.
struct RunContent {
    let id: PageID
    let run: PlaceRun
    /// Nil where the delta's checksum tells an older version.
    let tag: CheckpointTag?
}
