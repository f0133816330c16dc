// How a definition stands in a frame and in the checkpoint: the CBOR of its spelling.

internal import MnemeBase
internal import MnemeModel

enum SchemaCoding {
    static func encode(_ definition: Definition) throws(MnemeError) -> [UInt8] {
        do throws(CBORError) {
            return try definition.spelling.cbor()
        } catch {
            throw MnemeError(
                .badSchema,
                "the schema cannot be written down; make it less deep, or split it",
                cause: "\(error)"
            )
        }
    }

    /// - Throws: `.corrupt` when the bytes are no spelling, `.newerFormat` when it has members or
    ///   words that this program does not know.
    static func decode(_ bytes: [UInt8]) throws(MnemeError) -> Definition {
        let spelling: Value
        do throws(CBORError) {
            spelling = try Value(cbor: bytes)
        } catch {
            throw MnemeError(.corrupt, unreadable, cause: "\(error)")
        }
        guard case .map = spelling else {
            throw MnemeError(.corrupt, unreadable, cause: "it is \(spelling.kind) and no object")
        }
        do throws(MnemeError) {
            return try Definition(spelling: spelling)
        } catch {
            // Its checksum was right, so that somebody meant it.
            throw MnemeError(
                .newerFormat,
                "a stored schema says what this program does not know; use a newer one",
                cause: error.message
            )
        }
    }

    private static let unreadable =
        "a stored schema cannot be read; run \"mneme rebuild\" to derive the pages again from the "
        + "log"
}
