// Answering under a permit: every way into a memory that has somebody ask goes through here, and
// the store holds the permit (MnemeStore/Security).

public import MnemeModel
internal import MnemeStore

extension Memory {
    /// A door that answers as far as a permit allows, and knows no other way in: what it is asked
    /// are requests.
    ///
    /// It may be used from any thread, as the memory may. Its transactions are its own.
    ///
    /// - Throws: `.badRequest`, `.badOwner` for a permit that cannot be meant.
    public func permitted(by permit: Permit) throws(MnemeError) -> PermittedMemory {
        try permit.check()
        return PermittedMemory(self, permit)
    }

    /// Answers a request as far as whoever asks may.
    func permitted(
        _ request: Request,
        _ asker: Asker,
        _ body: () throws(MnemeError) -> Response
    ) throws(MnemeError) -> Response {
        guard let permit = asker.origin.permit else { return try body() }
        return try store.permitting(permit, request, body).discreet(under: permit)
    }
}
