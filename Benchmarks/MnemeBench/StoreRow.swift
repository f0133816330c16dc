// Where answers are put: rows of fields with room that is used again, as the peers' programs have.

internal import Mneme

/// A record as its fields' bytes and numbers.
struct StoreRow {
    /// The fields in the order of their slots; the last is the text.
    static let fields = [
        "created", "importance", "session", "owner", "type", "tag", "metadata", "text",
    ]

    var key = Key.int(0)
    var created: Int64 = 0
    var importance = 0.0
    var session = Words()
    var owner = Words()
    var type = Words()
    var tag = Words()
    /// CBOR.
    var metadata = Words()
    var text = Words()

    /// Bytes at the beginning of an array that is made longer where it must be.
    struct Words {
        var bytes: [UInt8] = []
        var count = 0

        var text: String { String(decoding: bytes[..<count], as: UTF8.self) }
    }

    /// Copies every field that a view has.
    mutating func take(_ view: RecordView, withText: Bool) {
        key = view.key
        created = view.instant(0)?.microseconds ?? 0
        importance = view.float(1) ?? 0
        session.count = view.copyText(2, to: &session.bytes) ?? 0
        owner.count = view.copyText(3, to: &owner.bytes) ?? 0
        type.count = view.copyText(4, to: &type.bytes) ?? 0
        tag.count = view.copyText(5, to: &tag.bytes) ?? 0
        metadata.count = view.copyEncoded(6, to: &metadata.bytes) ?? 0
        if withText { text.count = view.copyText(7, to: &text.bytes) ?? 0 }
    }

    /// Takes a record's fields.
    mutating func take(_ record: Record) {
        key = record.reference.key
        for (name, value) in record.fields {
            switch (name, value) {
            case ("created", .instant(let instant)): created = instant.microseconds
            case ("importance", .float(let number)): importance = number
            case ("session", .text(let text)): session = Words(text)
            case ("owner", .text(let text)): owner = Words(text)
            case ("type", .text(let text)): type = Words(text)
            case ("tag", .text(let text)): tag = Words(text)
            case ("text", .text(let words)): text = Words(words)
            case ("metadata", let value): metadata = Words(value)
            default: break
            }
        }
    }

    /// Whether it has just these fields.
    func holds(_ fields: [String: Value], withText: Bool) -> Bool {
        fields["created"] == .instant(Instant(microseconds: created))
            && fields["importance"] == .float(importance)
            && fields["session"] == .text(session.text) && fields["owner"] == .text(owner.text)
            && fields["type"] == .text(type.text) && fields["tag"] == .text(tag.text)
            && fields["metadata"].map { Words($0).text == metadata.text } ?? false
            && (!withText || fields["text"] == .text(text.text))
    }
}

extension StoreRow.Words {
    init(_ text: String) {
        bytes = Array(text.utf8)
        count = bytes.count
    }

    /// The encoding of a value, as a store keeps it.
    init(_ value: Value) {
        bytes = (try? value.cbor()) ?? []
        count = bytes.count
    }
}

/// The rows of one answer after another.
///
/// SAFETY: used by the one thread that asks.
final class StoreAnswer: @unchecked Sendable {
    var rows = [StoreRow](repeating: StoreRow(), count: StoreAnswers.limit)
    /// Where keys are put that come alone.
    var ids = [UniqueID](repeating: UniqueID(high: 0, low: 0), count: StoreAnswers.limit)
    var count = 0

    /// The keys of the rows, or those that came alone.
    func keys(alone: Bool) -> [Key] {
        alone ? ids[..<count].map { .uuid($0) } : rows[..<count].map(\.key)
    }

    func take(_ view: RecordView, withText: Bool) {
        rows[count].take(view, withText: withText)
        count += 1
    }

    func take(_ record: Record) {
        rows[count].take(record)
        count += 1
    }
}
