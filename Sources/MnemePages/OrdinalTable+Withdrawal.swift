// Records that go together: the table says of each that its time is over, whatever its version says
// of it, and so every reader of the state misses them; they live on until each is ended by itself.
// Format: formats/store.md#withdrawal.

package import MnemeBase

extension OrdinalEntry {
    /// The expiry of what was withdrawn: no instant comes before it.
    @inlinable package static var withdrawn: Int64 { .min }
}

extension OrdinalTable {
    /// Withdraws the ordinals of a set that live and have a number as their collection.
    ///
    /// - Returns: how many that were.
    /// - Throws: as `PageEditor.edit`.
    /// - Complexity: O(set); a page of the table is edited once.
    package static func withdraw(
        _ ordinals: IDBitmap,
        of collection: UInt16,
        in editor: PageEditor
    ) throws(PageError) -> Int {
        var count = 0
        var next = ordinals.first
        while let first = next {
            let id = pageID(first)
            let end = (first / entriesPerPage + 1) * entriesPerPage
            next = ordinals.next(from: end)
            guard first < limit, editor.view.holds(id) else { continue }
            let page = try editor.edit(id)
            for ordinal in ordinals.members(in: first..<end) {
                let offset = offset(ordinal)
                guard page.page.load64(offset + 8) != 0,
                    page.page.load64(offset + 16) == OrdinalEntry.forever,
                    page.page.load16(offset + 36) == collection
                else { continue }
                page.store(UInt64(bitPattern: OrdinalEntry.withdrawn), offset + 24)
                count += 1
            }
        }
        return count
    }
}
