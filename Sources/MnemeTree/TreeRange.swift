// Which keys are meant.

/// Keys from `lower` up to, not including, `upper`; to the last when it is nil.
///
/// The key that follows `k` at once is `k` with a zero byte, so every kind of bound can be said.
@frozen
package struct TreeRange: Sendable, Hashable {
    /// The first key that is meant.
    package var lower: [UInt8]
    /// The first key that is not meant any more.
    package var upper: [UInt8]?

    @inlinable
    package init(from lower: [UInt8] = [], to upper: [UInt8]? = nil) {
        self.lower = lower
        self.upper = upper
    }

    /// All keys.
    package static var all: TreeRange { TreeRange() }

    /// All keys that start with `prefix`.
    package static func prefix(_ prefix: [UInt8]) -> TreeRange {
        TreeRange(from: prefix, to: afterPrefix(prefix))
    }

    /// The first key after all that start with `prefix`, nil when there can be none.
    package static func afterPrefix(_ prefix: [UInt8]) -> [UInt8]? {
        guard let last = prefix.lastIndex(where: { $0 != 0xff }) else { return nil }
        return Array(prefix[..<last]) + [prefix[last] + 1]
    }

    /// The key that follows at once.
    package static func after(_ key: [UInt8]) -> [UInt8] { key + [0] }

    /// No key at all is meant.
    package var isEmpty: Bool {
        guard let upper else { return false }
        return !lower.lexicographicallyPrecedes(upper)
    }
}
