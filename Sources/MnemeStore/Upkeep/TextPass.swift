// A pass over the records of a collection for the words of a field that came to be searched when
// they were there: it takes the versions that were born within a range of sequences, part by part,
// each from a state of its own, and makes runs of them that nobody sees. What dies meanwhile is
// left out when they are joined with the runs that are there.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeText

/// The words of some versions in one field.
struct TextPass: Sendable {
    /// The field's number in text runs.
    let number: UInt16
    /// The sequences of the versions.
    let births: ClosedRange<UInt64>
    /// The first ordinal behind all that may have such a version.
    private let end: UInt64
    /// The first ordinal that was not looked at.
    private var next: UInt64 = 1
    /// What was made of them; a document is in one.
    private(set) var runs: [StoredRun] = []
    /// The sequences of the versions that have words.
    private(set) var taken: ClosedRange<UInt64>?

    /// The pass that goes on where a field's progress has come to.
    ///
    /// `documents`: it goes up to a run with which there are so many documents, and to the end
    /// where there are fewer. What it takes stays in memory until it is joined with these runs.
    init(_ number: UInt16, _ progress: IndexProgress, _ state: StoreState, documents: Int) {
        self.number = number
        end = state.roots.nextOrdinal
        var last = progress.end - 1
        var count = 0
        for run in state.runs[state.runs(of: progress.next...last)] {
            count += run.documentCount
            guard count >= documents else { continue }
            last = min(last, run.births.upperBound)
            break
        }
        births = progress.next...last
    }

    /// Whether it has looked at all records.
    var isThrough: Bool { next >= end }

    /// About how many sequences it has gone through, taking it that they are evenly spread.
    var done: UInt64 {
        let count = Double(births.upperBound - births.lowerBound) + 1
        return births.lowerBound - 1 + UInt64(count * Double(next - 1) / Double(max(end - 1, 1)))
    }

    /// Takes the words of the next records.
    ///
    /// `ordinals`: how many are looked at, at most.
    /// - Throws: what reading the records throws; `.inconsistent`.
    /// - Complexity: O(ordinals + bytes of the records).
    mutating func take(
        _ reader: StateReader,
        _ collection: CollectionEntry,
        _ text: TextEntry,
        ordinals: Int
    ) throws(StoreError) {
        guard let field = collection.fieldNumbers[text.name] else { return }
        let last = min(end, next + UInt64(max(ordinals, 1)))
        var builder = TextRunBuilder(analyzer: TextAnalyzer())
        while next < last {
            defer { next += 1 }
            guard let entry = try reader.entry(next), entry.isLiving(of: collection.number),
                births.contains(entry.birth)
            else { continue }
            let record = try reader.stored(next)
            guard let words = record[field].text else { continue }
            let document = TextDocument(
                owner: record.owner,
                ordinal: next,
                birth: entry.birth,
                fields: [TextField(number, words, language: text.language)]
            )
            // Only a missing stemmer is refused, and English is always there.
            try? builder.add(document)
            let (least, greatest) = (taken?.lowerBound, taken?.upperBound)
            taken = min(least ?? entry.birth, entry.birth)...max(greatest ?? 0, entry.birth)
        }
        guard builder.documentCount > 0 else { return }
        do throws(TextError) {
            let run = try builder.finish()
            runs.append(StoredRun(run, births: births))
        } catch {
            throw .inconsistent("the text index refused what was written: \(error)")
        }
        runs = try RunMerging.mergeSmall(runs, limit: .max)
    }

    /// One run of what was taken and the runs of a state that have documents of the same time,
    /// without what is dead in that state; nil where nothing was taken.
    ///
    /// - Throws: `.inconsistent` or `.pages` when one of them is damaged.
    /// - Complexity: O(postings).
    func joined(
        with parts: ArraySlice<StoredRun>,
        of state: StoreState
    ) throws(StoreError) -> StoredRun? {
        guard let taken else { return nil }
        let (sources, view) = (try (Array(parts) + runs).opened(), state.root.view)
        let merged: TextRun
        do throws(TextError) {
            merged = try TextRun.merge(
                sources,
                joins: true,
                without: state.catalog.droppedTexts
            ) { ordinal, birth in RunMerging.isDead(ordinal, birth, in: view) }
        } catch {
            throw .inconsistent("text runs cannot be merged: \(error)")
        }
        let first = min(parts.first?.births.lowerBound ?? taken.lowerBound, taken.lowerBound)
        let last = max(parts.last?.births.upperBound ?? taken.upperBound, taken.upperBound)
        return StoredRun(merged, births: first...last, cleanThrough: state.sequence)
    }
}

extension StoreState {
    /// The places of the runs that have documents of some sequences, or where one would stand.
    func runs(of births: ClosedRange<UInt64>) -> Range<Int> {
        let first = runs.firstIndex { $0.births.upperBound >= births.lowerBound } ?? runs.count
        let end = runs.firstIndex { $0.births.lowerBound > births.upperBound } ?? runs.count
        return first..<max(first, end)
    }

    /// The same state with the words of a pass: `merged` stands in the place of the runs `parts`.
    ///
    /// - Returns: nil where others stand there by now.
    func joining(
        _ pass: TextPass,
        _ merged: StoredRun?,
        inPlaceOf parts: ArraySlice<StoredRun>,
        _ progress: IndexProgress
    ) -> StoreState? {
        let places = runs(of: pass.births)
        guard runs[places].count == parts.count,
            zip(runs[places], parts).allSatisfy({ $0 === $1 })
        else { return nil }
        var (next, roots) = (runs, roots)
        if let merged {
            next.replaceSubrange(places, with: merged.documentCount > 0 ? [merged] : [])
        }
        var further = progress
        further.next = pass.births.upperBound + 1
        if further.next < further.end {
            roots.building[pass.number] = further
        } else {
            roots.building.removeValue(forKey: pass.number)
        }
        return StoreState(
            catalog: catalog,
            root: root,
            sequence: sequence,
            roots: roots,
            runs: next,
            lease: lease
        )
    }
}
