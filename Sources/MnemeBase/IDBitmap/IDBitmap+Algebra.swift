// Union, intersection and difference: one walk over both lists of keys.

extension IDBitmap {
    /// Adds every member of `other`.
    ///
    /// - Complexity: O(chunks of both), at most 1,024 words a chunk.
    package mutating func formUnion(_ other: IDBitmap) { self = union(other) }

    /// The members of either.
    ///
    /// - Complexity: as `formUnion`.
    package func union(_ other: IDBitmap) -> IDBitmap {
        guard !isEmpty else { return other }
        var result = IDBitmap()
        result.keys.reserveCapacity(keys.count + other.keys.count)
        result.chunks.reserveCapacity(keys.count + other.keys.count)
        var (i, j) = (0, 0)
        while i < keys.count || j < other.keys.count {
            if j == other.keys.count || (i < keys.count && keys[i] < other.keys[j]) {
                result.append(keys[i], chunks[i])
                i += 1
            } else if i == keys.count || other.keys[j] < keys[i] {
                result.append(other.keys[j], other.chunks[j])
                j += 1
            } else {
                var chunk = chunks[i]
                chunk.formUnion(other.chunks[j])
                result.append(keys[i], chunk)
                i += 1
                j += 1
            }
        }
        return result
    }

    /// The members of both.
    ///
    /// - Complexity: O(keys of both); only chunks that both have are looked at.
    package func intersection(_ other: IDBitmap) -> IDBitmap {
        var result = IDBitmap()
        var (i, j) = (0, 0)
        while i < keys.count, j < other.keys.count {
            if keys[i] < other.keys[j] {
                i += 1
            } else if other.keys[j] < keys[i] {
                j += 1
            } else {
                result.append(keys[i], chunks[i].intersection(other.chunks[j]))
                i += 1
                j += 1
            }
        }
        return result
    }

    /// The members that `other` does not have.
    ///
    /// - Complexity: as `union`.
    package func subtracting(_ other: IDBitmap) -> IDBitmap {
        var result = IDBitmap()
        var j = 0
        for (key, chunk) in zip(keys, chunks) {
            while j < other.keys.count, other.keys[j] < key { j += 1 }
            let isShared = j < other.keys.count && other.keys[j] == key
            result.append(key, isShared ? chunk.subtracting(other.chunks[j]) : chunk)
        }
        return result
    }

    /// Leaves the members that `other` has too.
    package mutating func formIntersection(_ other: IDBitmap) { self = intersection(other) }

    /// Takes every member of `other` out.
    package mutating func subtract(_ other: IDBitmap) { self = subtracting(other) }
}
