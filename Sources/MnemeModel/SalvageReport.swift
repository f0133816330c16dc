// What bringing out the whole parts of a damaged store has found: what came out, what did not, and
// as much of what is lost as can be known.

/// What a salvage found and brought out.
public struct SalvageReport: Hashable, Sendable {
    /// Whole frames of changes that were read.
    public var frames = 0
    /// Records that were brought out, or would be, by collection.
    public var records: [String: Int] = [:]
    /// Edges that were brought out, or would be, by type.
    public var edges: [String: Int] = [:]
    /// Parts of the log that cannot be read or are not there, in order.
    public var losses: [Loss] = []
    /// Batches of which something is lost; what is whole in them is brought out.
    public var brokenBatches: [BrokenBatch] = []
    /// What is whole, or known, and could not be brought out: the first thousand.
    public var leftOut: [LeftOut] = []
    /// How many things could not be brought out.
    public var leftOutCount = 0
    /// Whether records that were deleted may be back, as their deletes may be among what is lost.
    public var deletesMayBeBack = false
    /// How many records and edges the log says were erased.
    ///
    /// The new store says nothing of them: a restore of a backup of the damaged store that was made
    /// before brings them back.
    public var erasures = 0
    /// How many files of the log were of no use: of another store, or not to be read; one where
    /// none could be read.
    public var uselessFiles = 0
    /// Whether anything beside the log said how far it had come; else nobody can tell whether more
    /// came after what was read.
    public var isEndKnown = true
    /// What else is to be said, for people.
    public var notes: [String] = []

    /// A report with nothing in it.
    public init() {}

    /// Whether nothing is known to be lost, broken or left out, and every file of the log was of
    /// use.
    public var isComplete: Bool {
        losses.isEmpty && brokenBatches.isEmpty && leftOutCount == 0 && uselessFiles == 0
    }

    /// A part of the log that is lost.
    public struct Loss: Hashable, Sendable {
        /// The file that it begins in, from the store's directory.
        public var file: String
        /// The segments that it lies in.
        public var firstSegment: UInt64
        /// The last of them.
        public var lastSegment: UInt64
        /// Where in the file it begins and ends; nil where whole files are lost.
        public var firstByte: Int?
        /// The byte behind the last one.
        public var endByte: Int?
        /// The first frame that is lost.
        public var firstSequence: UInt64
        /// How many frames are lost, the log's own included; 0 where only bytes are damaged.
        public var frameCount: UInt64
        /// What is the matter.
        public var reason: String
        /// What the first frame still says of itself, which nothing vouches for.
        public var remains: String?

        /// A loss of its parts.
        public init(
            file: String,
            segments: ClosedRange<UInt64>,
            bytes: Range<Int>?,
            sequences: Range<UInt64>,
            reason: String,
            remains: String? = nil
        ) {
            self.file = file
            firstSegment = segments.lowerBound
            lastSegment = segments.upperBound
            firstByte = bytes?.lowerBound
            endByte = bytes?.upperBound
            firstSequence = sequences.lowerBound
            frameCount = sequences.upperBound - sequences.lowerBound
            self.reason = reason
            self.remains = remains
        }
    }

    /// A batch that is not whole any more.
    public struct BrokenBatch: Hashable, Sendable {
        /// The first of its frames that is whole.
        public var firstSequence: UInt64
        /// The last of them.
        public var lastSequence: UInt64
        /// How many of its frames are whole.
        public var frameCount: Int

        /// A batch of its parts.
        public init(firstSequence: UInt64, lastSequence: UInt64, frameCount: Int) {
            self.firstSequence = firstSequence
            self.lastSequence = lastSequence
            self.frameCount = frameCount
        }
    }

    /// Something that could not be brought out.
    public struct LeftOut: Hashable, Sendable {
        /// What it is: a record by collection and key, an edge by its number.
        public var what: String
        /// Why it could not.
        public var reason: String
        /// The file in which it stands, from the store's directory.
        public var file: String
        /// Where in the file.
        public var offset: Int
        /// Its sequence.
        public var sequence: UInt64

        /// A thing of its parts.
        public init(what: String, reason: String, file: String, offset: Int, sequence: UInt64) {
            self.what = what
            self.reason = reason
            self.file = file
            self.offset = offset
            self.sequence = sequence
        }
    }
}
