// What commits do to an index: a vector comes, is replaced, moves or goes. Where there is a graph
// it is noted what is fresh and what is gone; nothing else of it is written here.
// Format: formats/vector-graph.md#head.

package import MnemePages

extension VectorIndex {
    /// Enters a vector in its stored form, or replaces it.
    ///
    /// `address`: where the row stands, in the words of the `VectorSource`.
    /// - Throws: as `VectorCoder.encode`, as `ColumnTree.slot`.
    package func insert(
        owner: UInt32,
        ordinal: UInt64,
        row: [UInt8],
        address: UInt64,
        in editor: PageEditor
    ) throws(VectorIndexError) {
        var code = [UInt8](repeating: 0, count: coder.shape.codeByteCount)
        let factors: CodeFactors
        do throws(VectorError) {
            var elements = code.mutableSpan
            var span = unsafe elements.mutableBytes
            factors = try coder.encode(
                unsafe row.span.bytes,
                as: coder.shape.format,
                into: &span
            )
        } catch {
            throw .vector(error)
        }
        do throws(PageError) {
            let slot = try tree.slot(UInt64(owner), ordinal, in: editor)
            let old = slot.isNew ? GraphShape.none : slot.entry.load32(Self.node)
            Self.fill(slot, code, factors, address)
            slot.store(GraphShape.none, Self.node)
            guard let fresh, let gone else { return }
            if old != GraphShape.none { _ = try gone.slot(UInt64(old), 0, in: editor) }
            Self.fill(
                try fresh.slot(UInt64(owner), ordinal, in: editor),
                code,
                factors,
                address
            )
        } catch {
            throw .pages(error)
        }
    }

    /// Writes the columns that the codes and those without a node have in common.
    static func fill(
        _ slot: ColumnSlot,
        _ code: [UInt8],
        _ factors: CodeFactors,
        _ address: UInt64
    ) {
        slot.store(code, Self.code)
        slot.store(factors.scale.bitPattern, Self.scale)
        slot.store(factors.bias.bitPattern, Self.bias)
        slot.store(address, Self.address)
    }

    /// Takes a vector out; false when it was not there.
    ///
    /// - Throws: as `ColumnTree.remove`.
    @discardableResult
    package func remove(
        owner: UInt32,
        ordinal: UInt64,
        in editor: PageEditor
    )
        throws(PageError) -> Bool
    {
        if let fresh, let gone {
            guard let slot = try tree.slotIfPresent(UInt64(owner), ordinal, in: editor) else {
                return false
            }
            let node = slot.entry.load32(Self.node)
            if node != GraphShape.none { _ = try gone.slot(UInt64(node), 0, in: editor) }
            try fresh.remove(UInt64(owner), ordinal, in: editor)
        }
        return try tree.remove(UInt64(owner), ordinal, in: editor)
    }

    /// Says where the row of a vector stands now; false when the vector is not there.
    ///
    /// - Throws: as `ColumnTree.slot`, as `GraphPages.setAddress`.
    @discardableResult
    package func move(
        owner: UInt32,
        ordinal: UInt64,
        to address: UInt64,
        in editor: PageEditor
    ) throws(PageError) -> Bool {
        guard let slot = try tree.slotIfPresent(UInt64(owner), ordinal, in: editor) else {
            return false
        }
        slot.store(address, Self.address)
        guard let fresh else { return true }
        let node = slot.entry.load32(Self.node)
        if node != GraphShape.none {
            let pages = GraphPages(head: head)
            try pages.setAddress(node: node, ordinal: ordinal, to: address, in: editor)
        } else {
            // What stood there before the first graph was prepared is in neither, and `adopt`
            // sees by that that it was moved and not replaced.
            try fresh.slotIfPresent(UInt64(owner), ordinal, in: editor)?
                .store(address, Self.address)
        }
        return true
    }
}
