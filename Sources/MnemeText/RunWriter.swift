// Writes a run from sorted documents and sorted terms: the one place where the format is written.
// Page: formats/text-run.md.

/// The documents of a run as columns, sorted by (owner, ordinal, birth).
struct DocumentColumns {
    var owners: [UInt32] = []
    var ordinals: [UInt64] = []
    var births: [UInt64] = []
    /// Numbers of the fields, ascending.
    var fields: [UInt16] = []
    /// Words per field and document, `[field, document]`, at most 65,535.
    var lengths: [UInt16] = []

    var count: Int { owners.count }

    func length(field: Int, document: Int) -> UInt16 { lengths[field * count + document] }
}

/// A posting while a run is written: local number and the posting's number among its details in one
/// word, so that sorting sorts by local number.
struct PackedPosting {
    static func pack(local: UInt32, number: Int) -> UInt64 {
        UInt64(local) << 32 | UInt64(truncatingIfNeeded: number)
    }
    @inline(__always)
    static func local(_ posting: UInt64) -> Int { Int(posting >> 32) }
    @inline(__always)
    static func number(_ posting: UInt64) -> Int { Int(posting & 0xffff_ffff) }

    /// Takes out of a sorted list what follows another posting of its document.
    static func keepFirst(ofEachDocument list: inout [UInt64]) {
        var last = -1
        list.removeAll { posting in
            defer { last = local(posting) }
            return local(posting) == last
        }
    }
}

/// How often and where postings have their words, by the postings' numbers.
struct PostingDetails {
    var frequencies: [UInt16] = []
    /// Where each posting's positions begin, and behind the last of them all.
    var starts: [Int] = [0]
    /// Ascending within a posting, as many as its frequency; none where nobody knows them.
    var positions: [UInt32] = []

    @inline(__always)
    func frequency(_ posting: UInt64) -> Int {
        Int(frequencies[PackedPosting.number(posting)])
    }

    @inline(__always)
    func places(_ posting: UInt64) -> Range<Int> {
        let number = PackedPosting.number(posting)
        return starts[number]..<starts[number + 1]
    }

    mutating func removeAll() {
        frequencies.removeAll(keepingCapacity: true)
        starts.removeLast(starts.count - 1)
        positions.removeAll(keepingCapacity: true)
    }

    /// Ends a posting whose positions, if they are known, were put behind those before.
    mutating func endPosting(frequency: UInt16) {
        frequencies.append(frequency)
        starts.append(positions.count)
    }
}

/// Terms go in by ascending (field, stem); `finish` gives the bytes.
struct RunWriter {
    private let documents: DocumentColumns
    private var dictionary = RunBytes()
    private var postings = RunBytes()
    private var positions = RunBytes()
    private var blockStarts: [UInt32] = []
    private var blockPostings: [UInt64] = []
    private var blockPositions: [UInt64] = []
    private var termCount = 0
    private var previousKey: [UInt8] = []
    /// Whether a term's positions are more than its directory can address.
    private var isTooWide = false

    init(documents: DocumentColumns) { self.documents = documents }

    /// Adds a term with `list[range]`, postings by ascending local number.
    mutating func add(
        field: UInt16,
        stem: [UInt8],
        _ list: [UInt64],
        _ range: Range<Int>,
        _ details: PostingDetails
    ) {
        guard !range.isEmpty, let column = documents.fields.firstIndex(of: field) else { return }
        let key = TextRun.key(field: field, stem)
        var shared = 0
        if termCount % RunLayout.dictionaryBlockCount == 0 {
            blockStarts.append(UInt32(truncatingIfNeeded: dictionary.bytes.count))
            blockPostings.append(UInt64(postings.bytes.count))
            blockPositions.append(UInt64(positions.bytes.count))
        } else {
            while shared < min(key.count, previousKey.count), key[shared] == previousKey[shared] {
                shared += 1
            }
            dictionary.putVariable(shared)
        }
        dictionary.putVariable(key.count - shared)
        dictionary.bytes.append(contentsOf: key[shared...])
        let start = postings.bytes.count
        put(list, range, details, column: column)
        let firstPosition = positions.bytes.count
        putPositions(list, range, details)
        dictionary.putVariable(range.count)
        dictionary.putVariable(postings.bytes.count - start)
        dictionary.putVariable(positions.bytes.count - firstPosition)
        if positions.bytes.count - firstPosition > Int(UInt32.max) { isTooWide = true }
        previousKey = key
        termCount += 1
    }

    /// The positions of a term's postings, by block where there is a directory.
    private mutating func putPositions(
        _ list: [UInt64],
        _ range: Range<Int>,
        _ details: PostingDetails
    ) {
        let start = positions.bytes.count
        let blocks = (range.count + PostingBlock.count - 1) / PostingBlock.count
        let hasDirectory = range.count >= PostingBlock.count
        if hasDirectory { for _ in 0..<blocks { positions.put(UInt32(0)) } }
        for (index, place) in range.enumerated() {
            if hasDirectory, index % PostingBlock.count == 0 {
                positions.patch(
                    UInt64(positions.bytes.count - start),
                    byteCount: 4,
                    at: start + 4 * (index / PostingBlock.count)
                )
            }
            let places = details.places(list[place])
            if places.isEmpty { positions.putVariable(0) }
            var before = -2
            for place in places {
                let position = Int(details.positions[place])
                positions.putVariable(position - before - 1)
                before = position
            }
        }
    }

    private mutating func put(
        _ list: [UInt64],
        _ range: Range<Int>,
        _ details: PostingDetails,
        column: Int
    ) {
        var previous = -1
        guard range.count >= PostingBlock.count else {
            return putTail(list, range, details, &previous)
        }
        let start = postings.bytes.count
        let blocks = (range.count + PostingBlock.count - 1) / PostingBlock.count
        for _ in 0..<(blocks * PostingBlock.entryByteCount / 8) { postings.put(UInt64(0)) }
        for block in 0..<blocks {
            let first = range.lowerBound + block * PostingBlock.count
            let part = first..<min(first + PostingBlock.count, range.upperBound)
            let offset = postings.bytes.count - start
            var frequencyLimit = 0
            var onceLimit = UInt16.max
            var moreLimit = UInt16.max
            var step = 0
            var before = previous
            for index in part {
                let local = PackedPosting.local(list[index])
                step = max(step, local - before - 1)
                before = local
                let frequency = details.frequency(list[index])
                let length = documents.length(field: column, document: local)
                frequencyLimit = max(frequencyLimit, frequency)
                if frequency == 1 {
                    onceLimit = min(onceLimit, length)
                } else {
                    moreLimit = min(moreLimit, length)
                }
            }
            var widths = (steps: 0, frequencies: 0)
            if part.count == PostingBlock.count {
                widths = (Self.width(step), Self.width(frequencyLimit - 1))
                putPacked(list, part, details, previous, widths)
                previous = before
            } else {
                putTail(list, part, details, &previous)
            }
            let entry = start + block * PostingBlock.entryByteCount
            postings.patch(UInt64(before), byteCount: 4, at: entry)
            postings.patch(UInt64(offset), byteCount: 4, at: entry + 4)
            postings.patch(UInt64(frequencyLimit), byteCount: 2, at: entry + 8)
            postings.patch(UInt64(onceLimit), byteCount: 2, at: entry + 10)
            postings.patch(UInt64(widths.steps), byteCount: 1, at: entry + 12)
            postings.patch(UInt64(widths.frequencies), byteCount: 1, at: entry + 13)
            postings.patch(UInt64(moreLimit), byteCount: 2, at: entry + 14)
        }
    }

    private static func width(_ value: Int) -> Int { Int.bitWidth - value.leadingZeroBitCount }

    private mutating func putTail(
        _ list: [UInt64],
        _ range: Range<Int>,
        _ details: PostingDetails,
        _ previous: inout Int
    ) {
        for index in range {
            let local = PackedPosting.local(list[index])
            let frequency = details.frequency(list[index])
            let step = local - previous - 1
            postings.putVariable(step << 1 | (frequency == 1 ? 1 : 0))
            if frequency != 1 { postings.putVariable(frequency) }
            previous = local
        }
    }

    private mutating func putPacked(
        _ list: [UInt64],
        _ part: Range<Int>,
        _ details: PostingDetails,
        _ previous: Int,
        _ widths: (steps: Int, frequencies: Int)
    ) {
        var before = previous
        var bits = BitBuffer()
        for index in part {
            let local = PackedPosting.local(list[index])
            bits.put(local - before - 1, width: widths.steps, &postings.bytes)
            before = local
        }
        bits.flush(&postings.bytes)
        for index in part {
            bits.put(
                details.frequency(list[index]) - 1,
                width: widths.frequencies,
                &postings.bytes
            )
        }
        bits.flush(&postings.bytes)
    }

    /// The bytes of the run.
    ///
    /// - Throws: `.tooLarge`.
    consuming func finish() throws(TextError) -> [UInt8] {
        guard documents.count <= RunLayout.maximumDocumentCount,
            dictionary.bytes.count <= Int(UInt32.max), !isTooWide
        else { throw .tooLarge }
        let directory = OwnerDirectory(documents)
        let layout = RunLayout(
            documentCount: documents.count,
            ownerCount: directory.owners.count,
            fieldCount: documents.fields.count,
            termCount: termCount,
            dictionaryByteCount: dictionary.bytes.count,
            postingsByteCount: postings.bytes.count,
            positionsByteCount: positions.bytes.count
        )
        var out = RunBytes()
        out.bytes.reserveCapacity(layout.byteCount)
        putHeader(layout, &out)
        directory.put(documents, &out)
        for ordinal in documents.ordinals { out.put(ordinal) }
        for birth in documents.births { out.put(birth) }
        for length in documents.lengths { out.put(length) }
        out.align()
        for start in blockStarts { out.put(start) }
        out.align()
        for start in blockPostings { out.put(start) }
        for start in blockPositions { out.put(start) }
        out.bytes.append(contentsOf: dictionary.bytes)
        out.align()
        out.bytes.append(contentsOf: postings.bytes)
        out.align()
        out.bytes.append(contentsOf: positions.bytes)
        out.align()
        out.put(UInt64(0))
        assert(out.bytes.count == layout.byteCount)
        RunSeal.seal(&out.bytes)
        return out.bytes
    }

    private func putHeader(_ layout: RunLayout, _ out: inout RunBytes) {
        out.put(RunLayout.magic)
        out.put(UInt64(0))
        out.put(RunLayout.version)
        out.put(TextAnalyzer.version)
        out.put(RunLayout.positionsFlag)
        out.put(UInt64(layout.byteCount))
        out.put(UInt32(layout.documentCount))
        out.put(UInt32(layout.ownerCount))
        out.put(UInt32(layout.fieldCount))
        out.put(UInt32(layout.termCount))
        out.put(UInt64(layout.dictionaryByteCount))
        out.put(UInt64(layout.postingsByteCount))
        out.put(UInt64(layout.positionsByteCount ?? 0))
    }
}

/// Packs numbers of some bits into bytes, lowest bit first.
private struct BitBuffer {
    private var pending: UInt64 = 0
    private var count = 0

    @inline(__always)
    mutating func put(_ value: Int, width: Int, _ bytes: inout [UInt8]) {
        pending |= UInt64(truncatingIfNeeded: value) << UInt64(count)
        count += width
        while count >= 8 {
            bytes.append(UInt8(truncatingIfNeeded: pending))
            pending >>= 8
            count -= 8
        }
    }

    /// 128 numbers of any width end on a whole byte.
    mutating func flush(_ bytes: inout [UInt8]) {
        assert(count == 0)
        pending = 0
    }
}

/// Who owns which documents of a run, and how long their fields are together.
private struct OwnerDirectory {
    var owners: [UInt32] = []
    var firsts: [UInt32] = []
    var documents: [UInt32] = []
    var lengths: [UInt64] = []

    init(_ columns: DocumentColumns) {
        let width = columns.fields.count
        for document in 0..<columns.count {
            if owners.last != columns.owners[document] {
                owners.append(columns.owners[document])
                firsts.append(UInt32(document))
                documents.append(contentsOf: repeatElement(0, count: width))
                lengths.append(contentsOf: repeatElement(0, count: width))
            }
            for field in 0..<width {
                let length = columns.length(field: field, document: document)
                let cell = (owners.count - 1) * width + field
                documents[cell] += length > 0 ? 1 : 0
                lengths[cell] += UInt64(length)
            }
        }
        firsts.append(UInt32(columns.count))
    }

    func put(_ columns: DocumentColumns, _ out: inout RunBytes) {
        let width = columns.fields.count
        for field in 0..<width {
            let cells = stride(from: field, to: documents.count, by: width)
            out.put(columns.fields[field])
            out.put(UInt16(0))
            out.put(cells.reduce(UInt32(0)) { $0 + documents[$1] })
            out.put(cells.reduce(UInt64(0)) { $0 + lengths[$1] })
        }
        for owner in owners { out.put(owner) }
        out.align()
        for first in firsts { out.put(first) }
        out.align()
        for count in documents { out.put(count) }
        out.align()
        for length in lengths { out.put(length) }
    }
}
