// Fields that come to be searched when there are records are indexed behind the commits, pass by
// pass, by whoever works on indexes (IndexBuilding.swift): a document is always in one run, so what
// a pass has taken is joined with the runs of the same time, and stands in their place together
// with the progress. Until the last pass nobody matches over the field. Words of fields that are
// not searched any more are left out when runs are merged, and those that nobody merges are written
// anew. None of it is in the log.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeText
internal import Synchronization

extension Store {
    /// What putting a pass's words in their place came to.
    private enum Joining: Sendable {
        /// The field is not searched any more, or others were faster.
        case gone
        /// The runs that were joined are others by now.
        case stale
        case done
        case refused(MnemeError)
    }

    /// Goes on with the words of a field that came to be searched: a part of a pass, or its end.
    ///
    /// - Throws: what reading records and runs throws.
    func buildText(
        _ number: UInt16,
        _ progress: IndexProgress,
        _ work: inout IndexWork
    ) throws(StoreError) {
        let reader = reader()
        guard let (collection, text) = reader.state.catalog.text(number, of: progress.collection)
        else { return }
        var pass: TextPass
        if let begun = work.text, begun.number == number,
            begun.births.lowerBound == progress.next
        {
            pass = begun
        } else {
            pass = TextPass(
                number,
                progress,
                reader.state,
                documents: options.documentsPerPass
            )
        }
        if !pass.isThrough {
            try pass.take(reader, collection, text, ordinals: options.ordinalsPerPart)
            work.text = pass
            let done = pass.done
            upkeepState.withLock { $0.textPass = (number, done) }
            Courtesy(clock, log, isWanted: { true }).pause(0)
            return
        }
        if try join(pass, progress) { work.text = nil }
    }

    /// Puts the words of a pass in their place.
    ///
    /// - Returns: false where that is to be tried again.
    private func join(_ pass: TextPass, _ progress: IndexProgress) throws(StoreError) -> Bool {
        let state = newest.state
        let parts = state.runs[state.runs(of: pass.births)]
        let merged = try pass.joined(with: parts, of: state)
        // No checkpoint writes what an erasure that came meanwhile is to take out.
        return try checkpointing.withLock { _ throws(StoreError) in
            let outcome = Mutex(Joining.gone)
            asWriter { [writer] in
                let went = writer.rearrange { state in
                    guard state.roots.building[pass.number] == progress else { return nil }
                    let next = state.joining(pass, merged, inPlaceOf: parts, progress)
                    outcome.withLock { $0 = next == nil ? .stale : .done }
                    return next
                }
                if !went, let refusal = writer.refusal {
                    outcome.withLock { $0 = .refused(refusal) }
                }
            }
            switch outcome.withLock({ $0 }) {
            case .gone: return true
            case .stale: return false
            case .refused(let error): throw .refused(error)
            case .done: break
            }
            let state = newest.state
            if let merged,
                try RunMerging.holdsDead(merged, through: state.sequence, in: state.root.view)
            {
                _ = try exchange([merged], seenIn: state)
            }
            return true
        }
    }

    /// Writes a run anew that has words of a field which is not searched any more, without them;
    /// where there is none, they are gone.
    func takeOutText(_ number: UInt16) throws(StoreError) {
        let state = newest.state
        for stored in state.runs {
            // One that cannot be read is found by whoever wants its words.
            guard let run = try? stored.run, run.fields.contains(number) else { continue }
            guard try exchange([stored], seenIn: state) else { throw .log(.poisoned) }
            return
        }
        try rearrange { editor throws(StoreError) in
            editor.roots.leaving.removeValue(forKey: number)
        }
    }

    /// The numbers under which the words of a schema's fields may be being indexed.
    func textBuilds(of schema: Schema) -> [UInt16] {
        let catalog = newest.state.catalog
        var builds: [UInt16] = []
        for collection in schema.collections {
            guard let entry = try? catalog.anyCollection(collection.name) else { continue }
            for text in entry.texts where collection.field(text.name)?.isSearchable ?? false {
                builds.append(text.number)
            }
        }
        return builds
    }

    /// How far the words of a field are; nil where the number is no such field's.
    func textBuild(
        _ number: UInt16,
        _ progress: IndexProgress,
        _ catalog: Catalog
    ) -> IndexBuild? {
        guard let (collection, text) = catalog.text(number, of: progress.collection) else {
            return nil
        }
        var done = progress.next - 1
        if let pass = upkeepState.withLock({ $0.textPass }), pass.number == number {
            done = min(max(done, pass.done), progress.end - 1)
        }
        return IndexBuild(
            collection: collection.schema.name,
            name: "$search." + text.name,
            done: Int(clamping: done),
            of: Int(clamping: progress.end - 1)
        )
    }
}
