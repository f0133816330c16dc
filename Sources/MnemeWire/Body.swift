// Requests and responses as CBOR of their spelling: formats/wire.md, formats/operations.md. The
// hottest, a get and its records, puts and what came of them, are read and written without the tree
// between (`Body+Records.swift`, `Body+Commit.swift`): the same bytes, and the same errors, as
// those come from the tree.

internal import MnemeBase
package import MnemeModel

extension Payload {
    /// The value that the payload is.
    func value() throws(CBORError) -> Value {
        var reader = CBORReader(bytes, range)
        let value = try reader.readFieldValue()
        try reader.finish()
        return value
    }

    /// The value, with an error for a door.
    fileprivate func spelled(_ what: String) throws(MnemeError) -> Value {
        do {
            return try value()
        } catch {
            throw MnemeError(
                .badRequest,
                "\(what) came whose body is not one value in deterministic CBOR. Spell it as the"
                    + " pages operations.md and cbor.md say.",
                cause: "\(error)"
            )
        }
    }

    /// Decodes a request.
    ///
    /// - Throws: `badRequest` or `badFilter`, also where its verb is not the operation's.
    package func request(_ operation: RequestKind) throws(MnemeError) -> Request {
        if operation == .get, let references = references() { return .get(references) }
        if operation == .commit, let commit = commit() { return commit }
        let request = try Request(spelling: try spelled("A request"))
        guard RequestKind(request) == operation else {
            throw MnemeError(
                .badRequest,
                "A request came with the opcode of \(operation) and the body of"
                    + " \(RequestKind(request)). Send the opcode of its verb."
            )
        }
        return request
    }

    /// Decodes a response.
    ///
    /// - Throws: `badRequest`, also where it is not the one that the opcode says.
    package func response(_ answer: ResponseKind) throws(MnemeError) -> Response {
        if answer == .records, let records = records() { return .records(records) }
        if answer == .committed, let committed = committed() { return committed }
        let response = try Response(spelling: try spelled("A response"))
        guard ResponseKind(response) == answer else {
            throw MnemeError(
                .badRequest,
                "A response came with the opcode of \(answer) and the body of"
                    + " \(ResponseKind(response)). Report it: the server has a bug."
            )
        }
        return response
    }
}

extension Request {
    /// The filter that it has.
    fileprivate var filter: Filter? {
        switch self {
        case .find(let find): find.filter
        case .count(let count): .and([count.filter, count.having].compactMap { $0 })
        case .recall(let recall): recall.filter
        case .walk(let walk): walk.filter
        case .path(let path): path.filter
        case .paths(let paths): paths.filter
        case .pattern(let pattern): .and(pattern.filters)
        case .forget(let forget): forget.filter
        case .claim(let claim): claim.filter
        case .deleteWhere(let delete): delete.filter
        case .episodes(let question): question.filter
        case .procedure(let call), .document(let call): call.what.filter
        case .inside(_, let request), .once(_, let request): request.filter
        default: nil
        }
    }

    /// The body of its payload.
    ///
    /// - Throws: `tooLarge` for a body that nests deeper or has more items than CBOR may;
    ///   `badFilter` for a filter whose spelling would say something else.
    package func body() throws(MnemeError) -> [UInt8] {
        var writer = CBORWriter(capacity: 128)
        try writer.put(self)
        return writer.bytes
    }
}

extension NamedCall.What {
    /// The filter that it has.
    fileprivate var filter: Filter? {
        switch self {
        case .list(let list): list.filter
        case .search(let search): search.filter
        case .put, .get, .delete, .use: nil
        }
    }
}

extension CBORWriter {
    /// Appends a request's body.
    mutating func put(_ request: Request) throws(MnemeError) {
        try request.filter?.checkWords()
        do {
            switch request {
            case .get(let references): put(get: references)
            case .commit(let changes, let durability) where put(changes, durability): break
            default: try put(request.spelling)
            }
        } catch {
            throw Self.tooNested(error)
        }
    }

    /// Appends a response's body.
    mutating func put(_ response: Response) throws(MnemeError) {
        do {
            switch response {
            case .records(let records): try put(records)
            case .committed(let committed) where put(committed): break
            default: try put(response.spelling)
            }
        } catch {
            throw Self.tooNested(error)
        }
    }

    private static func tooNested(_ error: CBORError) -> MnemeError {
        MnemeError(
            .tooLarge,
            "Values lie more than \(Value.maximumDepth) deep inside each other, or are more than"
                + " \(Value.maximumItemCount). Ask for less at once.",
            cause: "\(error)"
        )
    }
}

extension Response {
    /// The body of its payload.
    ///
    /// - Throws: `tooLarge` for a body that nests deeper or has more items than CBOR may.
    package func body() throws(MnemeError) -> [UInt8] {
        var writer = CBORWriter(capacity: 256)
        try writer.put(self)
        return writer.bytes
    }
}
