// The indexes that are built behind, and those on their way out, as a checkpoint notes them down.
// Format: formats/store.md#state.

internal import MnemeBase

extension StateImage {
    /// Writes which indexes are being built, and which are on their way out.
    func putBuilds(into writer: inout ByteWriter) {
        writer.put(UInt32(roots.building.count))
        for (number, progress) in roots.building.sorted(by: { $0.key < $1.key }) {
            writer.put(number)
            writer.put(progress.collection)
            writer.put(progress.next)
            writer.put(progress.end)
        }
        writer.put(UInt32(roots.leaving.count))
        for (number, collection) in roots.leaving.sorted(by: { $0.key < $1.key }) {
            writer.put(number)
            writer.put(collection)
        }
    }

    mutating func readBuilds(_ reader: inout ByteReader) throws(BytesError) {
        var last: UInt16 = 0
        for _ in 0..<(try reader.get(UInt32.self)) {
            let number: UInt16 = try reader.get()
            let progress = IndexProgress(
                collection: try reader.get(),
                next: try reader.get(),
                end: try reader.get()
            )
            guard number > last, progress.next >= 1, progress.next <= progress.end,
                progress.end <= max(roots.nextOrdinal, sequence)
            else { throw .malformed(offset: reader.offset) }
            last = number
            roots.building[number] = progress
        }
        last = 0
        for _ in 0..<(try reader.get(UInt32.self)) {
            let number: UInt16 = try reader.get()
            guard number > last else { throw .malformed(offset: reader.offset) }
            last = number
            roots.leaving[number] = try reader.get()
        }
    }

    /// Holds them against the catalog.
    ///
    /// - Throws: `.inconsistent`.
    func checkBuilds(_ catalog: Catalog) throws(StoreError) {
        for (number, progress) in roots.building {
            if UsageKey.isBuild(number) {
                guard number == UsageKey.build(progress.collection),
                    progress.end <= roots.nextOrdinal,
                    catalog.counted.contains(progress.collection)
                else {
                    throw .inconsistent("the state has number \(number) counted, which is not")
                }
                continue
            }
            if catalog.text(number, of: progress.collection) != nil {
                guard progress.end <= sequence else {
                    throw .inconsistent("the state lacks words of number \(number) behind itself")
                }
                continue
            }
            let collection = catalog.indexed(number: progress.collection)
            guard progress.end <= roots.nextOrdinal else {
                throw .inconsistent("the state lacks ordinals of number \(number) behind itself")
            }
            guard collection?.place(ofIndex: number) != nil else {
                throw .inconsistent("the state has number \(number) built, which is no index")
            }
        }
        for (number, collection) in roots.leaving {
            let isThere =
                catalog.collection(number: collection) != nil
                || catalog.edgeType(number: collection) != nil
            let entry = catalog.indexed(number: collection)
            guard isThere, number < catalog.nextNumber, entry?.place(ofIndex: number) == nil,
                catalog.text(number, of: collection) == nil,
                entry?.references.contains(where: { $0.number == number }) != true
            else {
                throw .inconsistent("the state has number \(number) go, which is no old index")
            }
        }
    }
}
