// Cursors of a run: an answer page by page at once is what one answer would have been; and one that
// is gone on with later, whatever was changed meanwhile, leaves out nothing that has stayed, and
// has nothing twice.

import MnemeModel

/// An answer that is gone on with later.
struct OpenPage {
    var find: Find
    var next: String
    /// The records that it was about when it began, with their versions.
    let standing: [Reference: UInt64]
    /// Those that came, with the versions that they had then.
    var seen: [Reference: UInt64]
}

extension TreeRun {
    /// Follows the cursors of an answer to the end: what comes is what one answer would have.
    func turnPages(_ find: Find, _ first: Found) throws {
        guard first.next != nil, find.limit > 0 else { return }
        var whole = first
        var page = find
        page.offset = 0
        while let next = whole.next {
            page.after = next
            guard case .success(.found(let found)) = perform(.find(page)) else {
                throw Difference("a cursor was refused")
            }
            guard found.rows.count + found.edges.count <= find.limit else {
                throw Difference("a page is too long")
            }
            whole.rows += found.rows
            whole.edges += found.edges
            whole.next = found.next
            if whole.rows.count > 100_000 { throw Difference("cursors without end") }
        }
        var all = find
        all.limit = 1_000_000
        let told = Result<Response, MnemeError>.success(.found(whole))
        if let fault = TreeJudge.fault(&base, .find(all), told) {
            throw Difference("page by page: \(fault)")
        }
    }

    /// Keeps an answer to go on with.
    func keepPage(_ find: Find, _ found: Found) {
        guard pages.count < 3, let next = found.next, find.edges == nil, find.offset == 0,
            let all = try? base.matching(
                find.collection,
                find.owner,
                find.filter,
                asOf: find.asOf,
                seeing: find.sight
            )
        else { return }
        var page = OpenPage(find: find, next: next, standing: versions(all), seen: [:])
        for row in found.rows {
            page.seen[row.record.reference] = page.standing[row.record.reference]
        }
        pages.append(page)
    }

    private func versions(
        _ all: [(reference: Reference, item: PlainModel.Item)]
    ) -> [Reference: UInt64] {
        var versions: [Reference: UInt64] = [:]
        for (reference, item) in all { versions[reference] = item.version ?? 0 }
        return versions
    }

    /// Goes on with an answer.
    func turnPage(_ dice: TreeDice) throws {
        let place = dice.below(pages.count)
        var page = pages.remove(at: place)
        page.find.after = page.next
        page.find.limit = dice.pick([1, 2, 5])
        let told = perform(.find(page.find))
        note(.find(page.find))
        let all: [(reference: Reference, item: PlainModel.Item)]
        do throws(Refusal) {
            all = try base.matching(
                page.find.collection,
                page.find.owner,
                page.find.filter,
                asOf: page.find.asOf,
                seeing: page.find.sight
            )
        } catch {
            if case .failure(let told) = told, told.code == error.code { return }
            throw Difference("a later page: \(told), wanted the refusal \(error.code)")
        }
        guard case .success(.found(let found)) = told else {
            throw Difference("a later page: \(told)")
        }
        let now = versions(all)
        for row in found.rows {
            let reference = row.record.reference
            guard let version = now[reference], let item = base.items[reference] else {
                throw Difference("a later page has \(reference), which does not match")
            }
            let fields = base.selected(page.find.select, reference, item)
            guard row.record.fields == fields else {
                throw Difference("a later page has \(row.record), and it is \(fields)")
            }
            guard page.seen.updateValue(version, forKey: reference) != version else {
                throw Difference("\(reference) came twice, and nobody has changed it")
            }
        }
        if let next = found.next {
            page.next = next
            pages.append(page)
            return
        }
        for (reference, version) in page.standing
        where now[reference] == version && page.seen[reference] == nil {
            throw Difference("\(reference) has stayed, and no page had it")
        }
    }
}
