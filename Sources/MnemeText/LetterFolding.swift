// Which letters count as the same: case is folded, accents are dropped (é finds e). The table holds
// the lower-case letters of the Latin, Greek and Cyrillic blocks whose canonical decomposition
// (Unicode Character Database, UnicodeData.txt) is a base letter with marks of U+0300–U+036F, and
// the letters that are written with a stroke or another shape of the base letter. Cyrillic й and ї
// are letters of their own and stay. Page: formats/text-run.md#analysis-version-1.

/// Accent folding of analysis version 1.
enum LetterFolding {
    /// Base letters and the accented letters that become them.
    private static let groups: [(base: Unicode.Scalar, letters: String)] = [
        ("a", "àáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ"),
        ("b", "ḃḅḇ"),
        ("c", "çćĉċčḉ"),
        ("d", "ďḋḍḏḑḓđð"),
        ("e", "èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ"),
        ("f", "ḟ"),
        ("g", "ĝğġģǧǵḡ"),
        ("h", "ĥȟḣḥḧḩḫẖħ"),
        ("i", "ìíîïĩīĭįǐȉȋḭḯỉịı"),
        ("j", "ĵǰ"),
        ("k", "ķǩḱḳḵ"),
        ("l", "ĺļľḷḹḻḽł"),
        ("m", "ḿṁṃ"),
        ("n", "ñńņňǹṅṇṉṋ"),
        ("o", "òóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợøǿ"),
        ("p", "ṕṗ"),
        ("r", "ŕŗřȑȓṙṛṝṟ"),
        ("s", "śŝşšșṡṣṥṧṩſ"),
        ("t", "ţťțṫṭṯṱẗŧ"),
        ("u", "ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự"),
        ("v", "ṽṿ"),
        ("w", "ŵẁẃẅẇẉẘ"),
        ("x", "ẋẍ"),
        ("y", "ýÿŷȳẏẙỳỵỷỹ"),
        ("z", "źżžẑẓẕ"),
        ("α", "άἀἁἂἃἄἅἆἇὰᾀᾁᾂᾃᾄᾅᾆᾇᾰᾱᾲᾳᾴᾶᾷ"),
        ("ε", "έἐἑἒἓἔἕὲ"),
        ("η", "ήἠἡἢἣἤἥἦἧὴᾐᾑᾒᾓᾔᾕᾖᾗῂῃῄῆῇ"),
        ("ι", "ΐίϊἰἱἲἳἴἵἶἷὶῐῑῒῖῗ"),
        ("ο", "όὀὁὂὃὄὅὸ"),
        ("ρ", "ῤῥ"),
        ("σ", "ς"),
        ("υ", "ΰϋύὐὑὒὓὔὕὖὗὺῠῡῢῦῧ"),
        ("ω", "ώὠὡὢὣὤὥὦὧὼᾠᾡᾢᾣᾤᾥᾦᾧῲῳῴῶῷ"),
        ("е", "ёѐ"),
        ("и", "ѝ"),
    ]

    /// Letters that become two.
    private static let pairs: [Unicode.Scalar: [UInt8]] = [
        "ß": [0x73, 0x73], "æ": [0x61, 0x65], "ǽ": [0x61, 0x65], "ǣ": [0x61, 0x65],
        "œ": [0x6f, 0x65], "þ": [0x74, 0x68], "ĳ": [0x69, 0x6a], "ﬀ": [0x66, 0x66],
        "ﬁ": [0x66, 0x69], "ﬂ": [0x66, 0x6c], "ﬃ": [0x66, 0x66, 0x69],
        "ﬄ": [0x66, 0x66, 0x6c], "ﬅ": [0x73, 0x74], "ﬆ": [0x73, 0x74],
    ]

    /// Base letter by code point below U+2000, zero where the letter stays.
    private static let bases: [UInt16] = {
        var table = [UInt16](repeating: 0, count: 0x2000)
        for group in groups {
            for letter in group.letters.unicodeScalars where letter.value < 0x2000 {
                table[Int(letter.value)] = UInt16(group.base.value)
            }
        }
        return table
    }()

    /// Whether folding drops the scalar: a combining mark of the Latin, Greek, Cyrillic, Hebrew or
    /// Arabic scripts.
    static func drops(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x300...0x36f, 0x591...0x5bd, 0x5bf, 0x5c1, 0x5c2, 0x5c4, 0x5c5, 0x5c7: true
        case 0x610...0x61a, 0x640, 0x64b...0x65f, 0x670: true
        default: false
        }
    }

    /// Appends the folded form of a lower-case scalar to UTF-8 bytes.
    static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        if drops(scalar) { return }
        if scalar.value < 0x2000 {
            let base = bases[Int(scalar.value)]
            if base != 0, let letter = Unicode.Scalar(base) {
                bytes.append(contentsOf: UTF8.encode(letter) ?? UTF8.encodedReplacementCharacter)
                return
            }
        }
        if let pair = pairs[scalar] {
            bytes.append(contentsOf: pair)
        } else {
            bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }

    /// The one letter for a base letter and a combining mark, nil when the table has none.
    ///
    /// Stemmers of accented languages know the composed letters only.
    static func compose(_ base: Unicode.Scalar, _ mark: Unicode.Scalar) -> Unicode.Scalar? {
        guard (0x300...0x36f).contains(mark.value) else { return nil }
        let root = base.value < 0x2000 ? bases[Int(base.value)] : 0
        let letter = root == 0 ? base : Unicode.Scalar(root) ?? base
        var wanted = String(base)
        wanted.unicodeScalars.append(mark)
        for group in groups where group.base == letter {
            // String comparison is by canonical equivalence, which is what is asked here.
            return group.letters.unicodeScalars.first { String($0) == wanted }
        }
        return nil
    }

    /// Lower case of one scalar, full-width letters and digits as their ASCII ones.
    ///
    /// More than one scalar comes only from İ and a few others.
    static func lower(_ scalar: Unicode.Scalar) -> String.UnicodeScalarView {
        switch scalar.value {
        case 0xff10...0xff19, 0xff21...0xff3a, 0xff41...0xff5a:
            var narrow = scalar.value - 0xfee0
            if (0x41...0x5a).contains(narrow) { narrow += 0x20 }
            return String(Unicode.Scalar(narrow) ?? scalar).unicodeScalars
        default: return scalar.properties.lowercaseMapping.unicodeScalars
        }
    }
}
