// The caller's own vectors of an import: the field that they are kept in.

internal import Mneme
internal import MnemeCommandLine

/// The vectors of a file and the field of `memories` that takes them.
struct VectorColumn {
    private let field: String
    private let type: VectorType

    /// A field for the rows of an array.
    init(_ field: String, of array: ArrayFile) {
        self.field = field
        type = VectorType(
            dimension: array.columnCount,
            element: array.element == .float16 ? .float16 : .float32
        )
    }

    /// Defines the field unless it is there.
    ///
    /// A field stays once it is defined. So the first memory is tried in a store of its own before:
    /// an import of which nothing is taken leaves no field behind.
    ///
    /// - Throws: `Failure` when another field of this name is there, or the memory is refused.
    func define(in memory: any BlockingDoor, before first: Remember) throws(Failure) {
        do {
            guard
                var collection = try memory.describe().collections.first(where: {
                    $0.name == "memories"
                })
            else { return }
            if let known = collection.field(field) { return try check(known) }
            var options = MemoryOptions()
            options.vectors[field] = type
            let trial = try Memory.inMemory(options: options)
            _ = try trial.remember([first])
            try trial.close()
            collection.fields.append(Field(field, .vector(type)))
            try memory.define(Schema(collections: [collection]))
        } catch let error as MnemeError {
            throw Failure(error.message, code: error.code)
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure("\(error)")
        }
    }

    private func check(_ known: Field) throws(Failure) {
        guard case .vector(let known) = known.type, known.dimension == type.dimension else {
            throw Failure(
                "the field \"\(field)\" of memories is there already and takes no vectors of "
                    + "\(type.dimension). Name another one with --vector-field",
                code: .schemaConflict
            )
        }
    }
}
