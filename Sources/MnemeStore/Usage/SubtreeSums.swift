// What the owners below a path have together, for quotas that take them together. It is added up
// the first time that a path is asked for, and kept from then on: the writer has it with everything
// that is staged, and lets go of it where that is given up or its state is replaced. Nothing of it
// is stored: what each owner has is, and it follows from that.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// What owners below paths have, of the collections and types of edges that were asked for.
final class SubtreeSums {
    /// Sums are forgotten when there are more.
    private static let most = 1 << 16

    /// By number and path, in normal form.
    private var sums: [UInt16: [String: UsageAmount]] = [:]
    private var count = 0
    /// Paths of owners, in normal form.
    private var paths: [UInt32: String] = [:]

    /// Whether anything is kept of a collection or a type of edges.
    func knows(_ number: UInt16) -> Bool { sums[number] != nil }

    /// Everything is added up again when it is asked for.
    func forget() {
        sums = [:]
        count = 0
        paths = [:]
    }

    /// What is kept; nil where nothing is.
    fileprivate func amount(of number: UInt16, below top: String) -> UsageAmount? {
        sums[number]?[top]
    }

    fileprivate func keep(_ amount: UsageAmount, of number: UInt16, below top: String) {
        if count >= Self.most { forget() }
        count += 1
        sums[number, default: [:]][top] = amount
    }

    /// Adds to every path above an owner.
    ///
    /// - Complexity: O(parts of the owner's path).
    func add(
        _ change: UsageAmount,
        to key: UsageKey,
        _ tree: Tree,
        _ view: PageView
    ) throws(StoreError) {
        guard key.owner != 0 else { return }
        let path: String
        if let known = paths[key.owner] {
            path = known
        } else {
            let found = try onTree { () throws(TreeError) in
                try tree.value(StoreKeys.ownerName(key.owner), in: view)
            }
            guard let found, let given = String(validating: found, as: UTF8.self) else {
                throw .inconsistent("owner \(key.owner) has no path")
            }
            path = given.normalizedPath
            if paths.count >= Self.most { paths = [:] }
            paths[key.owner] = path
        }
        for top in path.tops { sums[key.number]?[top]? += change }
    }
}

extension UsageTally {
    /// What the owner of a path and all owners below it have together.
    ///
    /// `top`: in normal form.
    ///
    /// - Complexity: O(1) where it is kept; else O(owners below).
    func amount(
        of number: UInt16,
        below top: String,
        _ tree: Tree,
        _ view: PageView
    ) throws(StoreError) -> UsageAmount {
        if let known = subtrees?.amount(of: number, below: top) { return known }
        var sum = UsageAmount.zero
        for owner in try tree.owners(from: top, view) {
            sum += try amount(UsageKey(number, owner), tree, view)
        }
        subtrees?.keep(sum, of: number, below: top)
        return sum
    }
}

extension Tree {
    /// The numbers of the owner of a path and of all owners below it.
    fileprivate func owners(from top: String, _ view: PageView) throws(StoreError) -> [UInt32] {
        try onTree { () throws(TreeError) in
            var numbers: [UInt32] = []
            if let own = try value64(StoreKeys.owner(top), in: view) {
                numbers.append(UInt32(truncatingIfNeeded: own))
            }
            var cursor = try cursor(StoreKeys.owners(below: top), in: view)
            while try cursor.next() {
                numbers.append(UInt32(truncatingIfNeeded: try cursor.value64))
            }
            return numbers
        }
    }
}

extension String {
    /// The normal form of a path, by which owners are told apart.
    fileprivate var normalizedPath: String {
        String(decoding: KeyText.normalized(self), as: UTF8.self)
    }

    /// The paths above a path in normal form, and itself: `a`, `a/b` and `a/b/c` of `a/b/c`.
    fileprivate var tops: [String] {
        var tops: [String] = []
        for place in utf8.indices where utf8[place] == UInt8(ascii: "/") {
            tops.append(String(self[..<place]))
        }
        return tops + [self]
    }

    /// The first so many parts of a path, in normal form; nil where it has fewer.
    func top(_ depth: Int) -> String? {
        let tops = normalizedPath.tops
        return depth <= tops.count ? tops[depth - 1] : nil
    }
}

// MARK: Deciding

extension BatchPlanner {
    /// The path of a scope, in normal form; empty for nobody.
    func normalizedPath(of scope: QuotaScope) throws(StoreError) -> [UInt8] {
        if let top = scope.top { return Array(top.utf8) }
        return KeyText.normalized(try path(of: scope.owner) ?? "")
    }

    /// The owners of a scope.
    func owners(of scope: QuotaScope) throws(StoreError) -> Set<UInt32> {
        guard let top = scope.top else { return [scope.owner] }
        var owners = Set(try tree.owners(from: top, reader.view))
        for (path, number) in self.owners where path.normalizedPath.tops.contains(top) {
            owners.insert(number)
        }
        return owners
    }

    /// What the batch makes of what the owners below a path have.
    func added(
        _ number: UInt16,
        below top: String,
        _ changes: QuotaChanges
    ) throws(StoreError) -> UsageAmount {
        var sum = UsageAmount.zero
        for (key, amount) in changes.added where key.number == number && amount != .zero {
            guard let path = try path(of: key.owner) else { continue }
            if path.normalizedPath.tops.contains(top) { sum += amount }
        }
        return sum
    }

    /// The records of all owners below a path before the batch; nil where the index does not have
    /// them all yet.
    func records(
        below top: String,
        _ scope: QuotaScope,
        _ collection: CollectionEntry,
        _ chapter: QuotaBook.Chapter
    ) throws(StoreError) -> [UInt64]? {
        var ordinals: [UInt64] = []
        for owner in try tree.owners(from: top, reader.view) {
            let used = try usage.amount(
                UsageKey(scope.collection, owner),
                tree,
                reader.view
            )
            if used.count == 0 { continue }
            var one = scope
            (one.owner, one.top) = (owner, nil)
            guard let found = try records(one, collection, chapter) else { return nil }
            ordinals += found
        }
        return ordinals
    }
}
