// Records as a program's own types.

extension Value {
    /// The value that something is: an object where it has members, and of `Date` an instant, of
    /// `Data` bytes.
    ///
    /// - Throws: `wrongType` for an integer beyond 64 bits with a sign, and what the type's own
    ///   encoding throws.
    public init(encoding source: some Encodable) throws(MnemeError) {
        do {
            self = try ValueEncoder.value(source)
        } catch {
            throw MnemeError(coding: error)
        }
    }

    /// What the value is as a type.
    ///
    /// - Throws: `missingField` where a member is not there, `wrongType` where the value or a part
    ///   of it is none.
    public func decoded<Content: Decodable>(
        as type: Content.Type = Content.self
    ) throws(MnemeError) -> Content {
        do {
            return try ValueDecoder.decode(self, as: type)
        } catch {
            throw MnemeError(coding: error)
        }
    }
}

extension Record {
    /// The record's fields as a type whose members have their names; it need not have all of them.
    ///
    /// ```swift
    /// struct Note: Codable { var title: String; var stars: Int? }
    /// let note = try record.decoded(as: Note.self)
    /// ```
    ///
    /// - Throws: as `Value.decoded`.
    public func decoded<Content: Decodable>(
        as type: Content.Type = Content.self
    ) throws(MnemeError) -> Content {
        try Value.map(fields).decoded(as: type)
    }
}

extension Put {
    /// A put whose fields are the members of something; those that are nil are left out.
    ///
    /// ```swift
    /// try await memory.commit([.put(Put("notes", "tea", encoding: Note(title: "Tea")))])
    /// ```
    ///
    /// - Throws: as `Value.init(encoding:)`; `wrongType` for what has no members.
    public init(
        _ collection: String,
        _ key: Key? = nil,
        encoding source: some Encodable,
        mode: Mode = .replace
    ) throws(MnemeError) {
        guard case .map(let fields) = try Value(encoding: source) else {
            throw MnemeError(
                .wrongType,
                "a \(type(of: source)) has no members that could be fields; give a type with some"
            )
        }
        self.init(collection, key, fields, mode: mode)
    }
}

extension MnemeError {
    /// What coding has failed with.
    fileprivate init(coding error: any Error) {
        func place(_ path: [any CodingKey]) -> String {
            path.isEmpty ? "" : "\"" + path.map(\.stringValue).joined(separator: ".") + "\": "
        }
        switch error {
        case let error as MnemeError: self = error
        case DecodingError.keyNotFound(let name, let context):
            let whole = context.codingPath + [name]
            self.init(
                .missingField,
                place(whole) + "it is not there; declare it as optional, or put records with it"
            )
        case DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context), DecodingError.dataCorrupted(let context):
            self.init(
                .wrongType,
                place(context.codingPath) + context.debugDescription + "; declare it as it is kept"
            )
        case EncodingError.invalidValue(_, let context):
            self.init(.wrongType, place(context.codingPath) + context.debugDescription)
        default: self.init(.wrongType, "it cannot be coded: \(error)")
        }
    }
}
