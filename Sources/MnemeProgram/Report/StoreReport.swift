// What the page of a store tells, gathered before anything of it is written: the page is made of
// this alone, and the same of the same.

internal import Mneme
internal import MnemeStore

/// What is told of a store.
struct StoreReport: Sendable {
    /// What only the files say, of a store in a directory.
    struct Files: Sendable {
        /// The version of the log's segments; nil where it cannot be read.
        var logVersion: String?
        var growth: LogGrowth
        var segments: [SegmentShare]
        var costs: [IndexCost]
        /// Pages by what they are for.
        var pages: [(space: String, count: Int)]
    }

    /// What an owner has.
    struct OwnerLine: Hashable, Sendable {
        var path: String
        /// Records whose owner it is, of the collections that have owners.
        var records: Int
        /// Bytes of all that counts of it and those below it; nil where nothing counts.
        var bytes: Int?
    }

    /// The largest owners.
    struct Owners: Hashable, Sendable {
        var lines: [OwnerLine] = []
        /// Whether there are more than those.
        var hasMore = false
        /// Why there are no bytes, or no owners; nil where nothing is missing.
        var remark: String?
    }

    /// How long something took, by name.
    struct Times: Hashable, Sendable {
        var name: String
        var times: BucketedTimes
    }

    /// Times by what they are of.
    struct Latencies: Hashable, Sendable {
        /// What they are, and where they come from, in a sentence or two.
        var about: String
        /// By a title.
        var groups: [Group]

        struct Group: Hashable, Sendable {
            var title: String
            var lines: [Times]
        }
    }

    /// Its directory, or its name and its server.
    var name: String
    var made: Instant
    var statistics: Statistics
    var schema: Schema
    /// Nil over a connection.
    var files: Files?
    var owners: Owners
    var latencies: Latencies
    /// Nil where there is nothing to draw.
    var neighbourhood: Neighbourhood?
}
