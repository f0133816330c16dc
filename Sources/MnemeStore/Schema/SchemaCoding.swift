// How a schema stands in a frame and in the checkpoint: the CBOR of its spelling.

internal import MnemeBase
internal import MnemeModel

enum SchemaCoding {
    static func encode(_ schema: Schema) throws(MnemeError) -> [UInt8] {
        do throws(CBORError) {
            return try schema.spelling.cbor()
        } catch {
            throw MnemeError(
                .badSchema,
                "the schema cannot be written down; make it less deep, or split it",
                cause: "\(error)"
            )
        }
    }

    /// - Throws: `.corrupt` when the bytes are no schema.
    static func decode(_ bytes: [UInt8]) throws(MnemeError) -> Schema {
        do throws(CBORError) {
            let spelling = try Value(cbor: bytes)
            if let schema = try? Schema(spelling: spelling) { return schema }
        } catch {
            throw MnemeError(.corrupt, unreadable, cause: "\(error)")
        }
        throw MnemeError(.corrupt, unreadable, cause: "it makes no sense")
    }

    private static let unreadable =
        "a stored schema cannot be read; run \"mneme rebuild\" to derive the pages again from the "
        + "log"
}
