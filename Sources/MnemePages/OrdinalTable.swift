// The ordinal table: what every record and edge is, by its number for life. 204 entries a page, the
// page's number is ordinal / 204. A page on which nothing lives any more goes, unless it is that of
// the highest ordinal: the table is as large as what lives, and not as what ever lived.
// Format: formats/pages.md#ordinal-table.

internal import MnemeBase

/// What the table says of one ordinal: its newest version.
@usableFromInline
package struct OrdinalEntry: Equatable, Sendable {
    /// Where the newest version's frame stands in the log.
    @usableFromInline package var place: UInt64
    /// The sequence of the newest version.
    @usableFromInline package var birth: UInt64
    /// The sequence that deleted it, or `forever`.
    @usableFromInline package var death: UInt64
    /// The instant from which it is not there any more, or `never`.
    @usableFromInline package var expiresAt: Int64
    /// The number of its owner, 0 for none.
    @usableFromInline package var owner: UInt32
    /// The number of its collection or edge type.
    @usableFromInline package var collection: UInt16
    /// What kind of thing it is; bits of the store.
    @usableFromInline package var flags: UInt16

    /// The death of what lives.
    @inlinable package static var forever: UInt64 { .max }
    /// The expiry of what does not expire.
    @inlinable package static var never: Int64 { .max }

    /// An entry of its parts.
    @inlinable
    package init(
        place: UInt64,
        birth: UInt64,
        death: UInt64 = OrdinalEntry.forever,
        expiresAt: Int64 = OrdinalEntry.never,
        owner: UInt32,
        collection: UInt16,
        flags: UInt16
    ) {
        self.place = place
        self.birth = birth
        self.death = death
        self.expiresAt = expiresAt
        self.owner = owner
        self.collection = collection
        self.flags = flags
    }
}

/// The moment that a request looks at: a commit and an instant.
@frozen
@usableFromInline
package struct Visibility: Sendable {
    /// The newest sequence that is seen.
    @usableFromInline package let sequence: UInt64
    /// The request's one instant, in microseconds since 1970.
    @usableFromInline package let instant: Int64

    @inlinable
    package init(sequence: UInt64, instant: Int64) {
        self.sequence = sequence
        self.instant = instant
    }

    /// Born, not dead, not expired.
    @inlinable
    package func sees(_ entry: OrdinalEntry) -> Bool {
        entry.birth <= sequence && sequence < entry.death && instant < entry.expiresAt
    }
}

/// Access to the table's pages.
package enum OrdinalTable {
    /// The kind of its pages.
    package static var kind: UInt8 { 0x10 }
    @inlinable package static var entrySize: Int { 40 }
    @inlinable package static var entriesPerPage: UInt64 { 204 }
    /// No ordinal is as high as this: page numbers have 40 bits.
    @inlinable package static var limit: UInt64 { entriesPerPage << 40 }

    @inlinable
    package static func pageID(_ ordinal: UInt64) -> PageID {
        PageID(.ordinals, ordinal / entriesPerPage)
    }

    @inlinable
    package static func offset(_ ordinal: UInt64) -> Int {
        PageLayout.header + Int(ordinal % entriesPerPage) * entrySize
    }

    /// The entry of an ordinal, nil when it was never used, or is dead like all others of its page.
    ///
    /// - Throws: as `PageView.page`.
    /// - Complexity: O(1).
    @inlinable
    package static func entry(
        _ ordinal: UInt64,
        in view: PageView
    ) throws(PageError)
        -> OrdinalEntry?
    {
        let id = pageID(ordinal)
        guard ordinal < limit, let page = try view.pageIfHeld(id) else { return nil }
        let offset = offset(ordinal)
        let birth = page.load64(offset + 8)
        guard birth != 0 else { return nil }
        return OrdinalEntry(
            place: page.load64(offset),
            birth: birth,
            death: page.load64(offset + 16),
            expiresAt: Int64(bitPattern: page.load64(offset + 24)),
            owner: page.load32(offset + 32),
            collection: page.load16(offset + 36),
            flags: page.load16(offset + 38)
        )
    }

    /// Has the entry of an ordinal fetched, which is about to be asked for, where its page is in
    /// memory.
    package static func fetch(_ ordinal: UInt64, in view: PageView) {
        guard ordinal < limit, let page = view.pageInMemory(pageID(ordinal)) else { return }
        Prefetch.lines(unsafe UInt(bitPattern: page.base) + UInt(offset(ordinal)), entrySize)
    }

    /// Writes the entry of an ordinal.
    ///
    /// - Throws: as `PageEditor.edit`.
    /// - Precondition: the ordinal is below the limit.
    package static func set(
        _ entry: OrdinalEntry,
        of ordinal: UInt64,
        in editor: PageEditor
    )
        throws(PageError)
    {
        precondition(ordinal < limit)
        let id = pageID(ordinal)
        let page =
            editor.view.holds(id) ? try editor.edit(id) : editor.create(id, kind: kind)
        let offset = offset(ordinal)
        page.store(entry.place, offset)
        page.store(entry.birth, offset + 8)
        page.store(entry.death, offset + 16)
        page.store(UInt64(bitPattern: entry.expiresAt), offset + 24)
        page.store(entry.owner, offset + 32)
        page.store(entry.collection, offset + 36)
        page.store(entry.flags, offset + 38)
    }

    /// Notes the death of an ordinal, and drops its page where nothing lives there any more.
    ///
    /// `last`: the highest ordinal that was used, whose page stays.
    /// - Returns: whether the ordinal has an entry.
    /// - Throws: as `PageEditor.edit`.
    /// - Complexity: O(1) beside the look-up of one page.
    package static func end(
        _ ordinal: UInt64,
        at death: UInt64,
        last: UInt64,
        in editor: PageEditor
    ) throws(PageError) -> Bool {
        let id = pageID(ordinal)
        guard ordinal < limit, editor.view.holds(id) else { return false }
        let page = try editor.edit(id)
        guard page.page.load64(offset(ordinal) + 8) != 0 else { return false }
        page.store(death, offset(ordinal) + 16)
        if id != pageID(last), !holdsLiving(page.page) { editor.drop(id) }
        return true
    }

    /// Drops the page of an ordinal where nothing lives there.
    ///
    /// - Throws: as `PageView.page`.
    /// - Precondition: the highest ordinal that was used has another page.
    package static func dropDead(
        pageOf ordinal: UInt64,
        in editor: PageEditor
    ) throws(PageError) {
        let id = pageID(ordinal)
        guard ordinal < limit, let page = try editor.view.pageIfHeld(id), !holdsLiving(page)
        else { return }
        editor.drop(id)
    }

    private static func holdsLiving(_ page: Page) -> Bool {
        for entry in 0..<entriesPerPage {
            let offset = offset(entry)
            if page.load64(offset + 16) == OrdinalEntry.forever, page.load64(offset + 8) != 0 {
                return true
            }
        }
        return false
    }

    /// Holds every page against what is demanded of bytes that no entry uses: they are zero.
    ///
    /// - Throws: `.corrupt` at the first page where they are not; as `PageView.page`.
    /// - Complexity: O(pages).
    package static func checkSlack(_ view: PageView) throws(PageError) {
        for id in view.ordinalPages {
            let page = try view.page(id)
            var isZero = page.isZero(PageLayout.kind + 1, 7)
            for entry in 0..<entriesPerPage where page.load64(offset(entry) + 8) == 0 {
                isZero = isZero && page.isZero(offset(entry), entrySize)
            }
            guard isZero else {
                throw .corrupt(id: id.bits, place: 0, reason: "bytes of no entry are not zero")
            }
        }
    }

    /// The number after the last one that was used, 1 when none was.
    ///
    /// - Throws: as `PageView.page`.
    /// - Complexity: O(1) beside the look-up of one page.
    package static func next(in view: PageView) throws(PageError) -> UInt64 {
        guard let id = view.lastOrdinalPage else { return 1 }
        let page = try view.page(id)
        let first = id.number * entriesPerPage
        for entry in (0..<entriesPerPage).reversed() where page.load64(offset(entry) + 8) != 0 {
            return max(1, first + entry + 1)
        }
        return max(1, first)
    }
}
