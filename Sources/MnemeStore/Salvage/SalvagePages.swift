// What the page file of a damaged store still knows, where it can be read: which schemas there are,
// how far the log had come, what was deleted, and which records there were. Nothing of it is needed
// for a salvage, and all of it is as of one checkpoint.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// The newest checkpoint of a damaged store.
struct SalvagePages {
    /// Every schema, in order.
    let definitions: [Definition]
    /// Where the log went on.
    let position: LogPosition
    /// The cold segments that it names.
    let cold: [ColdMention]
    /// The newest commit that it shows.
    let sequence: UInt64
    /// The numbers that keys and fields would be given next, by counter.
    let nextKeys: [UInt16: Int64]
    /// Its pages, nil where they are damaged.
    private let state: StoreState?
    private let file: PageFile?

    /// Looks into the page file; nil where it says nothing.
    init?(_ opening: StoreOpening, _ identity: StoreIdentity) {
        if let start = try? opening.openPages(identity, .read), let image = start.image {
            state = start.state
            file = start.pages
            (definitions, position, sequence) = (image.definitions, image.position, image.sequence)
            cold = image.roots.cold
            nextKeys = image.roots.nextKeys
            return
        }
        guard let image = opening.knownState(identity) else { return nil }
        (state, file) = (nil, nil)
        (definitions, position, sequence) = (image.definitions, image.position, image.sequence)
        cold = image.roots.cold
        nextKeys = image.roots.nextKeys
    }

    /// Whether it tells what became of records and edges.
    var hasTable: Bool { state != nil }

    /// What it says of a record or an edge; nil when it cannot be read, or has none.
    func entry(_ ordinal: UInt64) -> OrdinalEntry? {
        guard let state else { return nil }
        return (try? OrdinalTable.entry(ordinal, in: state.root.view)) ?? nil
    }

    /// Whether it says of a record or an edge that it ended up to its commit: by its entry, or by
    /// having none where the number had been given.
    func hasEnded(_ ordinal: UInt64) -> Bool {
        guard let state, ordinals.contains(ordinal) else { return false }
        do throws(PageError) {
            let entry = try OrdinalTable.entry(ordinal, in: state.root.view)
            return entry.map { $0.death <= sequence } ?? true
        } catch {
            return false
        }
    }

    /// The ordinals up to its commit.
    var ordinals: Range<UInt64> { 1..<max(state?.roots.nextOrdinal ?? 1, 1) }

    /// The collection that a number stands for there.
    func collection(_ number: UInt16) -> CollectionEntry? {
        state?.catalog.collection(number: number)
    }

    /// The keys of records by their ordinals, of those that are asked for.
    ///
    /// Text keys are in their normal form.
    /// - Complexity: O(keys of the collections).
    func keys(of wanted: [UInt64: UInt16]) -> [UInt64: Key] {
        guard let state else { return [:] }
        var keys: [UInt64: Key] = [:]
        for number in Set(wanted.values) {
            guard
                var cursor = try? Tree(root: state.roots.tree).cursor(
                    StoreKeys.records(number),
                    in: state.root.view
                )
            else { continue }
            while (try? cursor.next()) == true {
                guard let ordinal = try? cursor.value64, wanted[ordinal] == number,
                    let bytes = try? cursor.key, let key = Self.key(bytes)
                else { continue }
                keys[ordinal] = key
            }
        }
        return keys
    }

    private static func key(_ bytes: [UInt8]) -> Key? {
        var reader = KeyReader(bytes)
        guard (try? reader.getIndex()) != nil, let field = try? reader.getField() else {
            return nil
        }
        switch field {
        case .text(let text): return .text(text)
        case .int(let number): return .int(number)
        case .uuid(let high, let low): return .uuid(UniqueID(high: high, low: low))
        default: return nil
        }
    }

    /// Gives the file back.
    func close() { try? file?.close() }
}
