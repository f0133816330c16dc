// The door to Snowball's stemmers (libstemmer). One stemmer belongs to one analyzer and so to one
// thread: the library keeps the result inside the stemmer until its next call.

internal import CStemmer

/// One Snowball algorithm over UTF-8.
///
/// SAFETY: the handle comes from `sb_stemmer_new`, is used through this object alone and freed
/// once; the result is copied out before the next call.
@safe final class Stemmer {
    private let handle: OpaquePointer

    /// The algorithm of a language.
    ///
    /// - Throws: `.noStemmer` when the library has none.
    init(_ language: TextLanguage) throws(TextError) {
        guard let handle = unsafe sb_stemmer_new(language.rawValue, nil) else {
            throw .noStemmer(language: language.rawValue)
        }
        unsafe self.handle = handle
    }

    deinit { unsafe sb_stemmer_delete(handle) }

    /// Replaces a folded word by its stem; leaves it alone when the library has no memory left.
    func stem(_ word: inout [UInt8]) {
        let result = unsafe word.withUnsafeBufferPointer { buffer in
            unsafe sb_stemmer_stem(handle, buffer.baseAddress, Int32(buffer.count))
        }
        guard let result = unsafe result else { return }
        let length = Int(unsafe sb_stemmer_length(handle))
        word.removeAll(keepingCapacity: true)
        unsafe word.append(contentsOf: UnsafeBufferPointer(start: result, count: length))
    }
}
