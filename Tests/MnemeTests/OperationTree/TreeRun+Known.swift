// What was known at earlier instants, in a run: the model keeps everything that there was whenever
// its clock goes on, and a question about an instant is one about what there was then.

import MnemeModel

extension TreeRun {
    /// Keeps what there is, before the clock goes on.
    func keepPast() {
        past.append((base.now, base.items))
        if past.count > 30 { past.removeFirst() }
    }

    /// Nobody knows any more what was erased, nor what followed it.
    func forgetErased(_ request: Request) { if erases(request) { past = [] } }

    func erases(_ request: Request) -> Bool { request.json().contains("\"erase\"") }

    /// Asks what was known at an instant.
    func askKnown(_ dice: TreeDice) throws {
        let kept = base.schema.collections.filter { $0.history != nil }
        guard !kept.isEmpty else { return }
        var instant = base.now + Int64(dice.below(2)) * 1_000_000
        if !past.isEmpty, !dice.one(in: 5) {
            // Also between two of them: what has expired by then is not there.
            instant = dice.pick(past).instant + Int64(dice.below(8)) * 300_000
        }
        var known = base
        if instant < base.now, let then = past.last(where: { $0.instant <= instant }) {
            known.items = then.items
        }
        for (reference, item) in known.items {
            guard item.expiresAt > min(instant, base.now) else {
                known.items.removeValue(forKey: reference)
                continue
            }
            // Vectors are not kept.
            known.items[reference]?.fields = item.fields.filter { _, value in
                if case .vector = value { false } else { true }
            }
        }
        known.schema.collections = kept
        let request = question(dice, known, at: Instant(microseconds: instant))
        // No versions are kept, and nothing is asked of them.
        if request.json().contains("$version") { return }
        known.schema = base.schema
        known.isPast = true
        let told = perform(request)
        note(request)
        if let fault = TreeJudge.fault(&known, request, told) {
            let ago = base.now - instant
            throw Difference("known \(ago) µs ago: \(fault)")
        }
        if case .success(.found(let found)) = told, found.next != nil {
            throw Difference("a cursor of what was known")
        }
    }

    private func question(_ dice: TreeDice, _ model: PlainModel, at instant: Instant) -> Request {
        switch dice.below(4) {
        case 0:
            var get = dice.get(model)
            get.hasVersions = false
            get.knownAt = instant
            return .getBy(get)
        case 1:
            var count = dice.count(model)
            guard count.edges == nil else { return .describe }
            count.knownAt = instant
            return .count(count)
        default:
            var find = dice.find(model)
            find.near = Near?.none
            find.knownAt = instant
            return .find(find)
        }
    }
}
