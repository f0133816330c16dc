// Whether a concurrent history is serializable: everything that was done is done again on the plain
// model, one after another in the order of the commits, and has to be answered as it was. Who only
// looked has to be right at the commit that it saw.

import MnemeModel

struct HistoryReplay {
    private(set) var model: PlainModel

    /// `model`: what there was before everything.
    init(_ model: PlainModel) { self.model = model }

    /// Does everything again; what cannot have been, nil where all can.
    mutating func fault(of deeds: [Deed]) -> String? {
        let sorted = deeds.sorted { $0.place < $1.place }
        for (place, deed) in sorted.enumerated() {
            var next = model
            if let fault = Self.fault(of: deed, &next) {
                return "sequence \(deed.sequence)\(deed.isLook ? ", a reader" : ""): \(fault)\n"
                    + report(deed, behind: sorted[..<place])
            }
            guard !deed.isLook else { continue }
            for place in next.edges.indices {
                let number = next.edges[place].id
                next.edges[place].id = deed.lastNumbers[number] ?? number
            }
            for reference in next.items.keys {
                next.items[reference]?.isOwn = false
                next.items[reference]?.isFollowed = false
            }
            model = next
        }
        return nil
    }

    /// All that says whether a deed can have been: itself, what others committed since it began
    /// (the last ones where it is one request), and what there was when its turn came.
    private func report(_ deed: Deed, behind others: ArraySlice<Deed>) -> String {
        let since = others.filter { !$0.isLook && $0.sequence > deed.base }
        var lines = ["the deed: \(deed)"]
        for other in deed.base == 0 ? since.suffix(8)[...] : since[...] {
            lines.append("before it: \(other)")
        }
        for (reference, item) in model.items.sorted(by: { "\($0.key)" < "\($1.key)" }) {
            lines.append("there was \(reference): \(item.fields)")
        }
        lines += model.edges.map { "there was \($0)" }
        lines.append("defined: \(model.schema.json())")
        return lines.joined(separator: "\n")
    }

    private static func fault(of deed: Deed, _ model: inout PlainModel) -> String? {
        for step in deed.steps {
            model.edgeNumbers = step.numbers
            let fault: String?
            if case .claim(let claim) = step.request, case .success(.claimed(let told)) = step.told
            {
                fault = self.fault(of: claim, told, &model)
            } else {
                fault = TreeJudge.fault(&model, step.request, step.told, takesAnyRefusal: true)
            }
            if let fault { return "\(step.request.json()): \(fault)" }
        }
        return nil
    }

    /// A claim looks at a snapshot and takes what is still as it was there: what came meanwhile and
    /// stands before it may be left, but nothing is taken that the question is not about.
    private static func fault(
        of claim: Claim,
        _ told: Claimed,
        _ model: inout PlainModel
    ) -> String? {
        do throws(Refusal) {
            let all = try model.matching(claim.collection, claim.owner, claim.filter)
            let known = Set(all.map(\.reference))
            for reference in told.references where !known.contains(reference) {
                return "\(reference) was claimed, and the question is not about it"
            }
            let outcomes = try model.commit(
                told.references.map { reference in
                    .patch(
                        Patch(claim.collection, reference.key, claim.edits, returns: claim.returns)
                    )
                }
            )
            let records = outcomes.compactMap { outcome -> Record? in
                if case .patched(let patched) = outcome { patched.record } else { nil }
            }
            let plain = told.records.map { Record($0.reference, fields: $0.fields) }
            return plain == records ? nil : "claimed \(plain), wanted \(records)"
        } catch {
            return "claimed \(told.references), wanted the refusal \(error.code)"
        }
    }
}
