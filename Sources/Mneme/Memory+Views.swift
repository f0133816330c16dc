// Reading records where they stand in memory, for programs in this process that read many and need
// no `Value` of them: no field is decoded that is not asked for, and nothing is allocated for it.

public import MnemeModel
internal import MnemeStore

/// A plain question that is asked often, of one owner after another.
///
/// Made by `Memory.prepare`, for that memory; any thread may ask it.
public struct PreparedFind: Sendable {
    fileprivate let question: PreparedQuestion

    /// The fields that views of its records have.
    public var shape: RecordShape { question.shape }
}

extension Memory {
    /// A collection and some of its fields, looked up once for many views; all but vectors when
    /// `fields` is nil.
    ///
    /// - Throws: `.unknownCollection`, `.unknownField`; `.badRequest` for a vector field.
    public func shape(
        _ collection: String,
        _ fields: [String]? = nil
    ) throws(MnemeError) -> RecordShape {
        try store.shape(collection, fields)
    }

    /// A record as it stands in memory, nil when it is not there.
    ///
    /// - Throws: `.wrongType` of a key that no record of the collection has; `.corrupt`, `.disk`.
    /// - Complexity: O(log records), and O(bytes) where the record was not read lately.
    public func view(_ key: Key, _ shape: RecordShape) throws(MnemeError) -> RecordView? {
        guard isAudited else { return try store.view(key, shape) }
        let reference = Reference(shape.collection, key)
        return try auditedGet([reference], asker, mayWait: true) { () throws(MnemeError) in
            try store.view(key, shape)
        }
    }

    /// Makes a question ready: what `find` would check and plan each time is done once.
    ///
    /// The question's owner is left out, and given when it is asked.
    ///
    /// - Throws: as `find`; `.badRequest` where it asks for nearness or words.
    public func prepare(_ find: Find) throws(MnemeError) -> PreparedFind {
        PreparedFind(question: try store.prepare(find))
    }

    /// The records that a prepared question finds, as they stand in memory; of everybody when
    /// `owner` is nil.
    ///
    /// - Throws: as `find`.
    public func views(
        _ find: PreparedFind,
        owner: String?
    ) throws(MnemeError) -> [RecordView] {
        guard isAudited else { return try store.views(find.question, owner: owner) }
        return try auditedFind(find, owner) { () throws(MnemeError) in
            try store.views(find.question, owner: owner)
        } keys: {
            $0.map(\.key)
        }
    }

    /// Hands out the keys of the records that a prepared question finds, in its order; of everybody
    /// when `owner` is nil.
    ///
    /// The first index that begins with the collection's owner has the keys with it: no record is
    /// read for what it answers.
    ///
    /// - Returns: how many they were.
    /// - Throws: as `find`.
    @discardableResult
    public func forEachKey(
        _ find: PreparedFind,
        owner: String?,
        _ body: (Key) -> Void
    ) throws(MnemeError) -> Int {
        guard isAudited else { return try store.forEachKey(find.question, owner: owner, body) }
        let keys = try auditedFind(find, owner) { () throws(MnemeError) in
            var keys: [Key] = []
            _ = try store.forEachKey(find.question, owner: owner) { keys.append($0) }
            return keys
        } keys: {
            $0
        }
        for key in keys { body(key) }
        return keys.count
    }

    /// Puts the keys of the records that a prepared question finds, in its order, over the first of
    /// an array, which is made longer where it is too short; of everybody when `owner` is nil.
    ///
    /// It costs less than `forEachKey` where there are many.
    ///
    /// - Returns: how many they are.
    /// - Throws: as `find`; `.wrongType` where the collection's keys are no UUIDs.
    public func copyKeys(
        _ find: PreparedFind,
        owner: String?,
        to target: inout [UniqueID]
    ) throws(MnemeError) -> Int {
        guard isAudited else {
            return try store.copyKeys(find.question, owner: owner, to: &target)
        }
        let (copied, count) = try auditedFind(find, owner) { () throws(MnemeError) in
            var copied = target
            let count = try store.copyKeys(find.question, owner: owner, to: &copied)
            return (copied, count)
        } keys: { (copied, count) in
            copied.prefix(count).map { .uuid($0) }
        }
        target = copied
        return count
    }
}
