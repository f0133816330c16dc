// The rows of a batch: what the writer has decided, records and edges that followed by rules
// included, becomes rows of the same batch, so that they are there exactly if it is. They are puts
// like any other, and replay asks no rule.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

extension BatchPlanner {
    /// Adds the rows of what was decided.
    ///
    /// - Complexity: O(changes · rows of a request).
    mutating func keepAudit(_ note: AuditNote) throws(StoreError) {
        guard let rows = catalog.audit else { return }
        switch note {
        case .rows(let made, let days):
            for row in made { try put(row, rows, days: days) }
        case .changes(let call, let author, let isFirst):
            let setting = call.setting
            let all = auditSubjects(call)
            var subjects = all.filter { setting.rule(for: $0.name).writes }
            let tellsNothing = isFirst && all.isEmpty && setting.rule.writes
            if subjects.isEmpty, call.setTo != nil || tellsNothing { subjects = [AuditSubject()] }
            call.keep()
            let now = preparation.clock.elapsed()
            var part = 0
            for subject in subjects {
                for piece in subject.parted() {
                    var row = call.row(piece, elapsed: now, author: author)
                    row.part = part
                    row.setting = call.setTo?.spelling
                    part += 1
                    try put(row, rows, days: (call.setTo ?? setting).days)
                }
            }
        }
    }

    /// What the batch does, by collection, effect and owner, and what it hands out besides.
    private func auditSubjects(_ call: AuditCall) -> [AuditSubject] {
        var subjects = AuditTally()
        let returnsRecords = plan.outcomes.contains { $0.record != nil }
        var changed: Set<Reference> = []
        // What a batch defines, its later changes have.
        var known = catalog
        for change in plan.changes {
            switch change {
            case .put(let put):
                if put.collection.isHidden { continue }
                if returnsRecords {
                    changed.insert(Reference(put.collection.schema.name, put.record.key))
                }
                subjects.add(
                    put.collection.schema.name,
                    put.old == nil ? .created : .updated,
                    put.record.key.description,
                    owner: owner(put.record, put.collection)
                )
            case .delete(let delete):
                if delete.collection.isHidden { continue }
                if returnsRecords {
                    changed.insert(Reference(delete.collection.schema.name, delete.old.record.key))
                }
                subjects.add(
                    delete.collection.schema.name,
                    delete.erasure == nil ? .deleted : .erased,
                    delete.old.record.key.description,
                    owner: owner(delete.old.record, delete.collection)
                )
            case .link(let edge):
                subjects.add(
                    nil,
                    edge: known.edgeType(number: edge.type)?.type.name,
                    .linked,
                    String(edge.ordinal)
                )
            case .unlink(let edge):
                subjects.add(
                    nil,
                    edge: known.edgeType(number: edge.type)?.type.name,
                    edge.erasure == nil ? .unlinked : .erased,
                    String(edge.ordinal)
                )
            case .schema(let planned):
                known = planned.catalog
                switch planned.definition {
                case .schema(let schema):
                    for collection in schema.collections where !collection.isHidden {
                        subjects.add(AuditSubject(collection.name, .defined))
                    }
                    for type in schema.edgeTypes {
                        subjects.add(AuditSubject(edge: type.name, .defined))
                    }
                case .drop(let drop): subjects.add(drop.auditSubject)
                case .switchVector(let change):
                    subjects.add(AuditSubject(change.collection, .defined))
                }
            case .withdraw(let withdrawal):
                subjects.add(
                    AuditSubject(
                        withdrawal.collection.schema.name,
                        .deleted,
                        records: withdrawal.ordinals.count,
                        owner: call.owner
                    )
                )
            case .owner, .fork: break
            }
        }
        // A mark that was set already, say: nothing was changed, and the record handed out.
        if returnsRecords {
            for record in plan.outcomes.compactMap(\.record)
            where !changed.contains(record.reference) {
                let collection = try? catalog.collection(record.reference.collection)
                subjects.add(
                    record.reference.collection,
                    .read,
                    record.reference.key.description,
                    owner: collection?.schema.roles.owner.flatMap { record[$0].text }
                )
            }
        }
        return subjects.all
    }

    private func owner(_ record: StoredRecord, _ collection: CollectionEntry) -> String? {
        collection.ownerNumber.flatMap { record[$0].text }
    }

    /// Decides the put of a row.
    private mutating func put(
        _ row: AuditRow,
        _ rows: CollectionEntry,
        days: Int?
    ) throws(StoreError) {
        var fields = row.fields()
        var prefixes = StoreKeys.prefixes(rows, fields)
        if prefixes.contains(where: { $0.bytes.count > StoreKeys.indexLimit }) {
            fields = row.fields(isCut: true)
            prefixes = StoreKeys.prefixes(rows, fields)
        }
        let plain: [UInt8]
        do throws(CBORError) {
            plain = try Value.encodeFields(fields.map { ($0.number, $0.value) })
        } catch {
            throw .inconsistent("a row of the audit cannot be written: \(error)")
        }
        let (body, plainCount) = FrameBody.compress(plain)
        let number = roots.nextKeys[rows.number] ?? 1
        roots.nextKeys[rows.number] = number + 1
        let keptFor = days.map { Int64($0) * 86_400_000_000 }
        let (end, isOver) = row.at.addingReportingOverflow(keptFor ?? 0)
        let ordinal = takeOrdinal()
        plan.changes.append(
            .put(
                PlannedPut(
                    ordinal: ordinal,
                    collection: rows,
                    record: StoredRecord(
                        key: .int(number),
                        owner: 0,
                        expiresAt: keptFor == nil || isOver ? OrdinalEntry.never : end,
                        fields: fields,
                        vectors: []
                    ),
                    old: nil,
                    body: body,
                    plainCount: plainCount,
                    prefixes: prefixes
                )
            )
        )
    }
}
