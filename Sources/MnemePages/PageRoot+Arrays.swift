// Pages of arrays that may be missing, for those who look at all there are.

extension PageRoot {
    /// Page `number` of the array with these segments, nil where there is none.
    ///
    /// - Throws: `.corrupt` when its bytes fail their checksum, `.disk`.
    package func arrayPage(
        _ number: Int,
        of segments: [UInt32]
    ) throws(PageError) -> Page? {
        guard let id = PageArray.id(number, in: segments),
            PageCache.entry(id, directories[Int(PageSpace.arrays.rawValue)]) != 0
        else { return nil }
        return try cache.load(id, directories)
    }
}
