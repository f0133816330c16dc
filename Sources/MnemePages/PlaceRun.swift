// Where things stand in the page file: places of 1 KiB, runs of neighbouring ones, and the two that
// a page may take: its base, and what changed since. Format: formats/pages.md#page.

/// Sizes in the file.
enum PlaceLayout {
    /// Bytes of a place.
    static let size = 1024
    /// Places of a page that is written as it is, of a delta page and of a root block.
    static let page = PageLayout.size / size
    /// An extent starts at a multiple of so many places: mappings start at 4,096 bytes.
    static let extentAlignment = 4
    /// Places are below it: they stand in six bytes.
    static let limit: UInt64 = 1 << 48
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

/// Where a page can be read.
struct PageSpot: Hashable, Sendable {
    var base: PlaceRun
    var delta: DeltaSpot

    static let none = PageSpot(base: .none, delta: .none)

    var isNone: Bool { base.isNone }
}
