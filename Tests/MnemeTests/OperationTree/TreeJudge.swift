// Holds answers against the model.

import MnemeModel

enum TreeJudge {
    /// The numbers of the edges that an answer tells of.
    static func made(_ told: Result<Response, MnemeError>) -> [UInt64] {
        guard case .success(.committed(let committed)) = told else { return [] }
        return committed.outcomes.compactMap(\.madeEdge)
    }

    /// What is wrong with an answer; nil where nothing is.
    ///
    /// A change is made to the model. `takesAnyRefusal`: what was refused is refused for one reason
    /// or another.
    static func fault(
        _ model: inout PlainModel,
        _ request: Request,
        _ told: Result<Response, MnemeError>,
        takesAnyRefusal: Bool = false
    ) -> String? {
        do throws(Refusal) {
            switch told {
            case .success(let response): return try fault(&model, request, response)
            case .failure(let error):
                try refuse(&model, request)
                return "refused: \(error)"
            }
        } catch {
            if case .failure(let told) = told, takesAnyRefusal || told.code == error.code {
                return nil
            }
            return "\(told), wanted the refusal \(error.code)"
        }
    }

    private static func refuse(
        _ model: PlainModel,
        _ references: [Reference]
    ) throws(Refusal) {
        for reference in references { _ = try model.reference(reference) }
    }

    /// Throws what the model refuses a request for.
    private static func refuse(_ model: inout PlainModel, _ request: Request) throws(Refusal) {
        switch request {
        case .commit(let changes, _): _ = try model.commit(changes)
        case .get(let references): try refuse(model, references)
        case .getBy(let get):
            try refuse(model, get.references)
            for reference in get.references {
                try model.check(asOf: get.asOf, try model.collection(reference.collection))
            }
        case .find(let find):
            if find.edges != nil {
                _ = try model.fault(
                    ofEdges: Found(rows: [], isExact: true, sequence: 0, plan: ""),
                    find
                )
            } else {
                try model.check(find)
                _ = try model.matching(
                    find.collection,
                    find.owner,
                    find.filter,
                    asOf: find.asOf,
                    seeing: find.sight
                )
            }
        case .count(let count): _ = try model.rows(of: count)
        case .walk(let walk):
            _ = try model.distances(
                from: walk.from,
                walk.types,
                walk.direction,
                hops: walk.hops,
                seeing: walk.sight
            )
        case .pattern(let pattern): try model.check(pattern)
        case .path(let path): _ = try model.fault(ofPath: nil, path)
        case .define(let schema, _): try model.define(schema)
        case .drop(let drop): try model.drop(drop)
        default: break
        }
    }

    private static func fault(
        _ model: inout PlainModel,
        _ request: Request,
        _ response: Response
    ) throws(Refusal) -> String? {
        switch (request, response) {
        case (.commit(let changes, _), .committed(let committed)):
            let outcomes = try model.commit(changes)
            if committed.isRepeated { return "repeated" }
            guard committed.evicted == model.evicted else {
                return "\(committed.evicted) gave way, wanted \(model.evicted)"
            }
            guard outcomes.count == committed.outcomes.count else { return "other outcomes" }
            for (outcome, wanted) in zip(committed.outcomes, outcomes)
            where !outcome.isSame(as: wanted) {
                return "outcome \(outcome), wanted \(wanted)"
            }
            return nil
        case (.get(let references), .records(let records)):
            return try fault(model, Get(references), records)
        case (.getBy(let get), .records(let records)):
            return try fault(model, get, records)
        case (.find(let find), .found(let found)):
            if find.edges != nil { return try model.fault(ofEdges: found, find) }
            return try model.fault(of: found, find)
        case (.count(let count), .counted(let counted)):
            let rows = try model.rows(of: count)
            let told = counted.rows.map { $0.mapValues(Naive.plain) }
            let wanted = rows.map { $0.mapValues(Naive.plain) }
            return told == wanted ? nil : "rows \(told), wanted \(wanted)"
        case (.pattern(let pattern), .matched(let matched)):
            return try model.fault(of: matched, pattern)
        case (.walk(let walk), .walked(let walked)): return try model.fault(of: walked, walk)
        case (.path(let path), .path(let edges)): return try model.fault(ofPath: edges, path)
        case (.describe, .schema(let schema)):
            let own = schema.collections.filter { !["memories", "sessions"].contains($0.name) }
            if own == model.schema.collections, schema.edgeTypes == model.schema.edgeTypes {
                return nil
            }
            return "schema \(schema.json()), wanted \(model.schema.json())"
        case (.define(let schema, _), .done):
            try model.define(schema)
            return nil
        case (.drop(let drop), .done):
            try model.drop(drop)
            return nil
        default: return "an answer of another kind: \(response)"
        }
    }

    private static func fault(
        _ model: PlainModel,
        _ get: Get,
        _ records: [Record?]
    ) throws(Refusal) -> String? {
        guard get.references.count == records.count else { return "\(records.count) records" }
        for (given, record) in zip(get.references, records) {
            let reference = try model.reference(given)
            let collection = try model.collection(reference.collection)
            try model.check(asOf: get.asOf, collection)
            var wanted: Record?
            if let item = model.items[reference], model.sees(reference, get.sight),
                get.asOf.map({ PlainModel.isTrue(item, at: $0, collection) }) ?? true
            {
                wanted = Record(reference, fields: item.fields)
                if get.hasVersions, !item.isOwn { wanted?.version = item.version }
            }
            if record != wanted {
                return "\(record.map { "\($0)" } ?? "nothing"), wanted "
                    + (wanted.map { "\($0)" } ?? "nothing")
            }
        }
        return nil
    }

    /// A claim: any right choice of records is taken, and then patched in the model.
    static func fault(
        _ model: inout PlainModel,
        _ claim: Claim,
        _ told: Result<Response, MnemeError>
    ) -> String? {
        let find = Find(
            claim.collection,
            where: claim.filter,
            order: claim.order,
            limit: claim.limit
        )
        do throws(Refusal) {
            try model.check(find)
            let all = try model.matching(claim.collection, nil, claim.filter)
            func patch(_ key: Key) -> Change {
                .patch(Patch(claim.collection, key, claim.edits, returns: claim.returns))
            }
            // What is wrong with the edits whatever they are made to.
            var key: Key = "a"
            switch try model.collection(claim.collection).key {
            case .text: break
            case .int: key = 1
            case .uuid: key = .uuid(UniqueID(high: 0, low: 0))
            }
            try model.prepare(Patch(claim.collection, key, claim.edits))
            guard case .success(.claimed(let claimed)) = told else {
                // Which records it was refused for is known where there is no choice.
                guard all.count <= claim.limit || claim.order.isEmpty else { return nil }
                let first = all.prefix(claim.limit).map { patch($0.reference.key) }
                _ = try model.commit(first)
                return "refused: \(told)"
            }
            if let fault = model.fault(of: claimed.references, all, find) { return fault }
            let outcomes = try model.commit(claimed.references.map { patch($0.key) })
            let records = outcomes.compactMap { outcome -> Record? in
                if case .patched(let patched) = outcome { patched.record } else { nil }
            }
            let plain = claimed.records.map { Record($0.reference, fields: $0.fields) }
            return plain == records ? nil : "claimed \(plain), wanted \(records)"
        } catch {
            if case .failure(let told) = told, told.code == error.code { return nil }
            return "\(told), wanted the refusal \(error.code)"
        }
    }

    static func fault(
        _ model: inout PlainModel,
        _ forget: Forget,
        _ told: Result<Response, MnemeError>
    ) -> String? {
        do throws(Refusal) {
            if forget.keys.isEmpty, forget.owner == nil, forget.filter == nil {
                throw Refusal(.badRequest)
            }
            var gone = try model.matching(
                forget.collection,
                forget.owner,
                forget.filter,
                seeing: Sight?.none
            )
            .map(\.reference)
            if !forget.keys.isEmpty {
                var named: [Reference] = []
                for key in forget.keys {
                    let reference = try model.reference(Reference(forget.collection, key))
                    if gone.contains(reference) { named.append(reference) }
                }
                gone = named
            }
            let outcomes = try model.commit(gone.map { .delete($0) })
            let count = outcomes.count { $0 == .deleted(true) }
            guard case .success(.forgotten(let forgotten)) = told, forgotten.count == count else {
                return "\(told), wanted \(count)"
            }
            return nil
        } catch {
            if case .failure(let told) = told, told.code == error.code { return nil }
            return "\(told), wanted the refusal \(error.code)"
        }
    }

    // MARK: Numbers of edges

    /// An answer with the model's numbers in the place of those that a transaction has told.
    static func translated(
        _ told: Result<Response, MnemeError>,
        _ numbers: [UInt64: UInt64]
    ) -> Result<Response, MnemeError> {
        guard case .success(let response) = told, !numbers.isEmpty else { return told }
        func number(_ id: UInt64) -> UInt64 { numbers[id] ?? id }
        func edge(_ edge: Edge) -> Edge {
            var edge = edge
            edge.id = number(edge.id)
            return edge
        }
        switch response {
        case .committed(var committed):
            committed.outcomes = committed.outcomes.map { outcome in
                switch outcome {
                case .linked(let id): .linked(number(id))
                case .linkedReturning(let id, let old): .linkedReturning(number(id), old.map(edge))
                case .superseded(let made):
                    .superseded(
                        Committed.Superseded(
                            reference: made.reference,
                            edge: made.edge.map(number)
                        )
                    )
                default: outcome
                }
            }
            return .success(.committed(committed))
        case .found(var found):
            found.edges = found.edges.map(edge)
            return .success(.found(found))
        case .walked(var walked):
            walked.stops = walked.stops.map { stop in
                Walked.Stop(reference: stop.reference, path: stop.path.map(edge))
            }
            return .success(.walked(walked))
        case .path(let edges): return .success(.path(edges?.map(edge)))
        default: return told
        }
    }
}
