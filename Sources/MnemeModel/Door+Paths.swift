// Paths, for every door.

extension Door {
    /// Finds all shortest paths between two records, or the cheapest.
    ///
    /// - Throws: as `path`; `.badPath` where an edge has a cost or a strength that is none.
    public func paths(_ paths: Paths) async throws(MnemeError) -> FoundPaths {
        try await perform(.paths(paths)).paths()
    }
}

extension BlockingDoor {
    /// Finds all shortest paths between two records, or the cheapest.
    ///
    /// - Throws: as `path`; `.badPath` where an edge has a cost or a strength that is none.
    public func paths(_ paths: Paths) throws(MnemeError) -> FoundPaths {
        try perform(.paths(paths), durability: nil).paths()
    }
}

extension Response {
    fileprivate func paths() throws(MnemeError) -> FoundPaths {
        guard case .paths(let paths) = self else { throw Response.unexpected }
        return paths
    }
}
