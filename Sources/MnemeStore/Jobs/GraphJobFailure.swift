// Why a job failed, as its record keeps it. That record stays when others are erased and owners are
// purged, so it has the code and what to do, and nothing of what stood in a record or an edge.

internal import MnemeModel

extension GraphRun {
    /// Why a job failed: no value, no key and nobody's name is in it, but for what was asked for.
    ///
    /// Where the catalog does not have what the run speaks of any more, that is why; what it says
    /// then is of the schema alone.
    func failure(of error: MnemeError, _ catalog: Catalog) -> String {
        do throws(MnemeError) { try catalog.check(self) } catch { return error.description }
        return MnemeError(error.code, reason(error.code)).description
    }

    private func reason(_ code: MnemeError.Code) -> String {
        switch (code, code.action) {
        case (.badJob, _):
            "an edge has a \(quoted(weight ?? "weight")) that is no weight; weights are 0 or more: "
                + "find the edges where it is less, mend them, and run it again"
        case (.tooLarge, _):
            "it is too large: a graph has at most \(Int32.max) records, and what was found out "
                + "has to fit the records and a commit; choose fewer types, or an owner"
        case (_, .fixInput):
            "what was found out could not be written: a rule of "
                + (collection.map(quoted) ?? "the store")
                + ", or a quota, refuses it; change that, or have it written into no field"
        case (_, .retry):
            "something stood in its way that passes; run it again"
        case (_, .reopen), (_, .report):
            "the store could not read or write what it takes; run \"mneme verify\" on it, and run "
                + "the job again when that finds nothing"
        }
    }
}
