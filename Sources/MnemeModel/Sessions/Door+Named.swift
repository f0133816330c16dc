// Procedures and documents: the same through every door.

extension Door {
    /// Does what is asked of an owner's procedures: how things are done, by name.
    ///
    /// - Returns: `committed` of a put and a use, `records` of a get, `found` of a list and a
    ///   search, `deletedWhere` of a delete.
    /// - Throws: `.badRequest`, `.badOwner`, `.badFilter`; `.notFound` for the use of one that is
    ///   not there; `.schemaConflict` where `procedures` is a collection of somebody's own.
    public func procedure(_ call: NamedCall) async throws(MnemeError) -> Response {
        try await perform(.procedure(call))
    }

    /// Does what is asked of an owner's documents: what is known of objects, by their id.
    ///
    /// - Returns: as of `procedure`.
    /// - Throws: as `procedure`; `.badRequest` for a use.
    public func document(_ call: NamedCall) async throws(MnemeError) -> Response {
        try await perform(.document(call))
    }
}

extension BlockingDoor {
    /// Does what is asked of an owner's procedures: how things are done, by name.
    ///
    /// - Returns: `committed` of a put and a use, `records` of a get, `found` of a list and a
    ///   search, `deletedWhere` of a delete.
    /// - Throws: `.badRequest`, `.badOwner`, `.badFilter`; `.notFound` for the use of one that is
    ///   not there; `.schemaConflict` where `procedures` is a collection of somebody's own.
    public func procedure(_ call: NamedCall) throws(MnemeError) -> Response {
        try perform(.procedure(call), durability: nil)
    }

    /// Does what is asked of an owner's documents: what is known of objects, by their id.
    ///
    /// - Returns: as of `procedure`.
    /// - Throws: as `procedure`; `.badRequest` for a use.
    public func document(_ call: NamedCall) throws(MnemeError) -> Response {
        try perform(.document(call), durability: nil)
    }
}
