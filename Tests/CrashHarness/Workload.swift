// What is done to a store: operations drawn from a seed and from the state that the store should be
// in, so that the same seed makes the same operations as long as the store answers as it should.

package import MnemeBase
internal import MnemeModel
internal import MnemeStore

/// Draws operations.
package struct Workload: Sendable {
    /// Every draw.
    let dice: SeededRandomness
    /// The instant at which the operation is drawn.
    var now: Microseconds = 0
    /// What is dropped next.
    var drops = HarnessSchema.drops
    /// Batches of one put, each as long as the others: frames of one time then begin and end where
    /// those of another time did.
    let isUniform: Bool
    /// Whether now and then a frame is long.
    let hasLongFrames: Bool
    /// Of twelve commits, how many wait for the disk.
    let syncedOfTwelve: Int
    /// Of forty operations, how many are checkpoints and closings.
    let checkpointsOfForty: Int
    /// Of forty operations, how many go on with compaction.
    let compactionsOfForty: Int
    private var isUpkeepNext = false
    private var isCompactionNext = false
    private var definitions = HarnessSchema.later

    /// What a workload is rich in.
    package enum Style: Sendable {
        /// Of everything something; how much, the seed says.
        case mixed
        /// Frames of one length, few of them synced, and now and then one that needs the next
        /// segment: what a power cut leaves behind the end of the log stands where the next frames
        /// begin, or where a segment ends.
        case tails
        /// Checkpoints and compaction.
        case compaction
    }

    /// The workload of a seed.
    package init(seed: UInt64, style: Style = .mixed) {
        dice = SeededRandomness(seed: seed)
        let isUniform = dice.below(5) == 0
        let synced = [12, 10, 8, 6, 3][dice.below(5)]
        let checkpoints = [1, 4, 14][dice.below(3)]
        self.isUniform = isUniform || style == .tails
        hasLongFrames = style == .tails
        syncedOfTwelve = style == .tails ? 1 : synced
        let compactions = [2, 4, 8][dice.below(3)]
        switch style {
        case .mixed: (checkpointsOfForty, compactionsOfForty) = (checkpoints, compactions)
        case .tails: (checkpointsOfForty, compactionsOfForty) = (0, 0)
        case .compaction: (checkpointsOfForty, compactionsOfForty) = (4, 8)
        }
    }

    /// The next operation on a store in a state.
    package mutating func next(_ state: ExpectedState, now: Microseconds) -> Operation {
        self.now = now
        // Upkeep right after a checkpoint finds places that the checkpoint names and nobody else.
        if dice.below(40) < checkpointsOfForty, !isUpkeepNext {
            isUpkeepNext = dice.below(3) == 0
            if dice.below(4) == 0 { return .reopen }
            guard dice.below(3) == 0, case .commit(let changes, let durability) = commit(state, now)
            else { return .checkpoint }
            return .interrupted(after: 1 + dice.below(12), changes, durability)
        }
        if isUpkeepNext {
            isUpkeepNext = false
            return upkeep()
        }
        if isCompactionNext || dice.below(40) < compactionsOfForty {
            // What a checkpoint has left behind can be written again.
            isCompactionNext.toggle()
            if isCompactionNext { return .checkpoint }
            return .upkeep(Array(repeating: .compact, count: 1 + dice.below(12)))
        }
        if !isUniform, dice.below(4) == 0, let operation = life(state) { return operation }
        switch dice.below(20) {
        case 0, 1: return upkeep()
        case 2: return .pass(Microseconds(dice.below(4_000_000)))
        case 3 where !definitions.isEmpty: return .define(definitions.removeFirst())
        case 4: return .keepSnapshot
        case 5: return dice.below(4) == 0 ? .erase : .lookBack
        default: return commit(state, now)
        }
    }

    /// A whole round as the store does it, one in an order of its own, or a single step.
    private func upkeep() -> Operation {
        var steps = UpkeepStep.allCases
        switch dice.below(3) {
        case 0: break
        case 1:
            for index in steps.indices { steps.swapAt(index, dice.below(index + 1)) }
        default: steps = [steps[dice.below(steps.count)]]
        }
        return .upkeep(steps)
    }

    private func commit(_ state: ExpectedState, _ now: Microseconds) -> Operation {
        let durability: Durability =
            dice.below(12) < syncedOfTwelve ? .synced : dice.below(2) == 0 ? .buffered : .none
        if isUniform { return .commit([uniformPut()], durability) }
        return .commit(batch(state), durability)
    }

    /// The changes of a batch.
    func batch(_ state: ExpectedState) -> [Change] {
        var changes: [Change] = []
        // Later changes of a batch see the earlier ones, as far as those can be told beforehand.
        var seen = state
        for _ in 0..<(1 + dice.below(5)) {
            let change = change(seen, now)
            changes.append(change)
            let copy = SeededRandomness(seed: 0)
            _ = try? seen.apply([change], at: now, randomness: copy)
        }
        if dice.below(10) == 0 {
            changes.insert(badChange(state), at: dice.below(changes.count + 1))
        }
        return changes
    }

    private func change(_ state: ExpectedState, _ now: Microseconds) -> Change {
        if dice.below(5) == 0, let change = lifeChange(state) { return change }
        switch dice.below(20) {
        case 0..<12: return .put(put(state, now))
        case 12, 13:
            if let reference = anyReference(state) { return .delete(reference) }
        case 14..<18:
            if let link = link(state) { return .link(link) }
        default:
            let ids = state.edges.keys.sorted()
            let turn = ids.isEmpty ? 0 : dice.below(8)
            if turn > 2 { return .unlink(ids[dice.below(ids.count)]) }
            if turn > 0 { return .eraseEdge(ids[dice.below(ids.count)]) }
            return .unlink(UInt64(1 + dice.below(60)))
        }
        return .put(put(state, now))
    }

    // MARK: Records

    private func put(_ state: ExpectedState, _ now: Microseconds) -> Put {
        let collection = state.schema.collections[dice.below(state.schema.collections.count)]
        var key = key(for: collection)
        if dice.below(3) == 0, let known = anyReference(state, in: collection.name) {
            key = known.key
        }
        // A record with a history is always the same one's, by its key.
        while key == nil, HarnessSchema.remembering.contains(collection.name) {
            key = self.key(for: collection)
        }
        var fields: [String: Value] = [:]
        for field in collection.fields where field.isRequired || dice.below(4) > 0 {
            fields[field.name] = value(for: field)
        }
        settle(&fields, collection, key)
        let expiresAt =
            dice.below(6) == 0
            ? Instant(microseconds: now + 1 + Int64(dice.below(6_000_000))) : nil
        var put = Put(
            collection.name,
            key,
            fields,
            mode: [.insert, .replaceOwned, .replace, .replace, .replace][dice.below(5)]
        )
        if HarnessSchema.lasting.contains(collection.name) { return put }
        if expiresAt != nil, dice.below(2) == 0 {
            put.expiresIn = 1 + dice.below(6)
        } else {
            put.expiresAt = expiresAt
        }
        return put
    }

    private func uniformPut() -> Change {
        let key = String(10 + dice.below(20))
        var body = HarnessSchema.words[dice.below(2)]
        if hasLongFrames, dice.below(5) == 0 {
            for _ in 0..<200 { body += " " + String(dice.next(), radix: 36) }
        }
        return .put(
            Put(
                "notes",
                .text(key),
                [
                    "owner": "ann", "title": .text("title \(key)"), "rank": .int(1),
                    "body": .text(body),
                ]
            )
        )
    }

    func key(for collection: Collection) -> Key? {
        let isGenerated = dice.below(6) == 0
        let number = dice.below(24)
        if isGenerated { return nil }
        switch collection.key {
        case .text: return .text("key\(number)")
        case .int: return .int(Int64(number) - 4)
        case .uuid: return .uuid(UniqueID(high: UInt64(number) << 40, low: UInt64(number) &* 77))
        }
    }

    func value(for field: Field) -> Value {
        switch field.type {
        case .bool: return .bool(dice.below(2) == 0)
        case .int: return .int(Int64(dice.below(12)) - 4)
        case .float: return .float(Double(dice.below(9)) / 4 - 1)
        case .text: return .text(text(for: field))
        case .bytes: return .bytes((0..<dice.below(12)).map { _ in UInt8(dice.below(4)) })
        case .uuid: return .uuid(UniqueID(high: 1, low: UInt64(dice.below(9))))
        case .instant: return .instant(Instant(microseconds: Int64(dice.below(6)) * 1_000_000))
        case .date: return .date(Day(number: Int32(dice.below(9)) + 18_000))
        case .json:
            return [
                "a": .int(Int64(dice.below(9))), "b": ["x", nil, .bool(true)],
                "c": .text(String(repeating: "long ", count: dice.below(40))),
            ]
        case .oneOf(let texts): return .text(texts[dice.below(texts.count)])
        case .array: return .array((0..<dice.below(4)).map { .int(Int64($0)) })
        case .vector(let type):
            let components = (0..<type.dimension).map { _ in Float(dice.below(17)) / 8 - 1 }
            return .vector(
                components.contains { $0 != 0 } ? components : [1] + components.dropFirst()
            )
        }
    }

    private func text(for field: Field) -> String {
        switch field.name {
        case "owner": return HarnessSchema.owners[dice.below(HarnessSchema.owners.count)]
        case "title": return "title \(dice.below(40))"
        case "name": return ["ada", "bea", "cid", "dov", "eva", "é", "e\u{301}"][dice.below(7)]
        case "label": return "label \(dice.below(14))"
        default:
            return (0..<dice.below(14)).map { _ in
                HarnessSchema.words[dice.below(HarnessSchema.words.count)]
            }.joined(separator: " ")
        }
    }

    // MARK: References

    func anyReference(_ state: ExpectedState, in collection: String? = nil) -> Reference? {
        if dice.below(8) == 0, !state.gone.isEmpty, collection == nil {
            return state.gone[dice.below(state.gone.count)]
        }
        let names = state.schema.collections.map(\.name)
        let name = collection ?? names[dice.below(names.count)]
        let keys = state.records(in: name).map(\.key)
        return keys.isEmpty ? nil : Reference(name, keys[dice.below(keys.count)])
    }

    private func link(_ state: ExpectedState) -> Link? {
        let types = state.schema.edgeTypes
        let type = types[dice.below(types.count)]
        guard let from = anyReference(state, in: type.from),
            let to = anyReference(state, in: type.to)
        else { return nil }
        var fields: [String: Value] = [:]
        for field in type.fields where dice.below(2) == 0 { fields[field.name] = value(for: field) }
        return Link(type.name, from: from, to: to, fields: fields)
    }

    /// A change that is refused, or that may be.
    private func badChange(_ state: ExpectedState) -> Change {
        switch dice.below(9) {
        case 0: return .put(Put("nowhere", "x", [:]))
        case 1: return .put(Put("notes", "x", ["title": "t", "nonsense": 1]))
        case 2: return .put(Put("notes", "x", ["title": 7]))
        case 3: return .put(Put("notes", "x", [:]))
        case 4: return .put(Put("notes", "x", ["title": "t", "place": .vector([1, 2])]))
        case 5:
            return .link(
                Link("cites", from: Reference("notes", "gone"), to: Reference("notes", "key1"))
            )
        case 6: return .put(Put("notes", "x", ["title": "title 1", "owner": "ann//x"]))
        case 7:
            return .link(
                Link("knows", from: Reference("notes", "key1"), to: Reference("people", 1))
            )
        default:
            // Somebody else's title.
            let title = state.records(in: "notes").first?.record.fields["title"] ?? "title 1"
            return .put(Put("notes", "thief", ["title": title]))
        }
    }
}
