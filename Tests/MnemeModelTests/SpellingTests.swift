import MnemeBase
import Testing

@testable import MnemeModel

@Suite struct SpellingTests {
    @Test func everythingComesBackThroughJSONAndCBOR() throws {
        let seed = UInt64.random(in: .min ... .max)
        let maker = RandomNoun(seed: seed)
        for _ in 0..<150 {
            for request in maker.requests() + maker.rarerRequests() {
                let spelling = request.spelling
                #expect(try Request(spelling: spelling) == request, "seed \(seed)")
                #expect(try Request(json: request.json()) == request, "seed \(seed)")
                let fromCBOR = try Value(cbor: spelling.cbor())
                #expect(try Request(spelling: fromCBOR) == request, "seed \(seed)")
            }
            for response in maker.responses() {
                let spelling = response.spelling
                #expect(try Response(spelling: spelling) == response, "seed \(seed)")
                #expect(try Response(json: response.json()) == response, "seed \(seed)")
                let fromCBOR = try Value(cbor: spelling.cbor())
                #expect(try Response(spelling: fromCBOR) == response, "seed \(seed)")
            }
        }
    }

    @Test func damagedRequestsNeverTrap() {
        let seed = UInt64.random(in: .min ... .max)
        let maker = RandomNoun(seed: seed)
        for _ in 0..<100 {
            for request in maker.requests() + maker.rarerRequests() {
                let damaged = damage(request.spelling, maker)
                // Whatever is taken is the same again when it is spelled.
                if let taken = try? Request(spelling: damaged) {
                    let again = try? Request(spelling: taken.spelling)
                    #expect(again == taken, "seed \(seed): \(taken.json())")
                }
            }
        }
    }

    /// Replaces some value somewhere in the tree.
    private func damage(_ value: Value, _ maker: RandomNoun) -> Value {
        switch value {
        case .map(var members) where !members.isEmpty && maker.random.below(6) > 0:
            let name = members.keys.sorted()[maker.random.below(members.count)]
            members[name] = damage(members[name] ?? .null, maker)
            return .map(members)
        case .array(var values) where !values.isEmpty && maker.random.below(6) > 0:
            let index = maker.random.below(values.count)
            values[index] = damage(values[index], maker)
            return .array(values)
        default:
            return maker.values.value(depth: 1)
        }
    }

    @Test func everyErrorComesBack() throws {
        for code in MnemeError.Code.allCases {
            let given = MnemeError(code, "It went wrong.", cause: code.rawValue > 200 ? "why" : nil)
            #expect(try MnemeError(json: given.json()) == given)
        }
        let newer = error { () throws(MnemeError) in
            try MnemeError(json: #"{"code":9999,"message":"odd"}"#)
        }
        #expect(newer?.code == .newerFormat)
    }

    @Test func eachRequestHasAVerbOfItsOwn() {
        let words = RandomNoun(seed: 1).requests().map { word(of: $0.spelling) }
        #expect(words == Request.verbs)
        #expect(RandomNoun(seed: 1).responses().map { word(of: $0.spelling) } == Response.words)
    }

    private func word(of spelling: Value) -> String {
        guard case .map(let members) = spelling, members.count == 1 else { return "" }
        return members.keys.first ?? ""
    }

    /// Shorter or poorer ways to say the same.
    @Test(arguments: [
        (#""verify""#, #"{"verify":{}}"#),
        (#"{"verify":null}"#, #"{"verify":{}}"#),
        (#"{"remember":{"text":"a","owner":"b"}}"#, #"{"remember":[{"text":"a","owner":"b"}]}"#),
        (#"{"get":[{"collection":"notes","key":"a"}]}"#, #"{"get":["notes/a"]}"#),
        (#"{"get":["notes/a/b/"]}"#, #"{"get":[{"collection":"notes","key":"a/b/"}]}"#),
        (
            #"{"get":[{"collection":"n","key":{"uuid":"0190a6e2-7b1c-7c3d-8e4f-5a6b7c8d9e0f"}}]}"#,
            #"{"get":[{"collection":"n","key":{"$uuid":"0190a6e2-7b1c-7c3d-8e4f-5a6b7c8d9e0f"}}]}"#
        ),
        (
            #"{"find":{"collection":"n","owner":null,"near":{"field":"v","vector":[1,0.5]}}}"#,
            #"{"find":{"collection":"n","near":{"field":"v","vector":{"$vector":[1,0.5]}}}}"#
        ),
        (
            #"{"find":{"collection":"n","order":[{"field":"a"}],"limit":10}}"#,
            #"{"find":{"collection":"n","order":["a"]}}"#
        ),
        (
            #"{"remember":[{"text":"a","owner":"b","time":"1970-01-01"}]}"#,
            #"{"remember":[{"text":"a","owner":"b","time":{"$instant":"1970-01-01T00:00:00Z"}}]}"#
        ),
        (
            #"{"recall":{"question":"q","weights":{"text":1}}}"#,
            """
            {"recall":{"question":"q","weights":{"vector":0,"meaning":0,"text":1.0,"graph":0,
            "recency":0,"importance":0}}}
            """
        ),
    ]) func shorterFormsMeanTheSame(short: String, full: String) throws {
        #expect(try Request(json: short) == Request(json: full))
    }

    @Test(arguments: [
        (#"{"fnid":{}}"#, "verb \"fnid\". Known: define, drop"),
        (#""find""#, "find needs the member \"collection\""),
        (
            #"{"find":{"colection":"n","limit":1}}"#,
            "was not given. Given: \"colection\", \"limit\"."
        ),
        (
            #"{"walk":{"from":[],"form":1}}"#,
            "no member \"form\". It may have: from, types, direction, where, hops, limit, "
                + "countOnly, deleted, archived, through, only, fanOut, asOf, knownAt."
        ),
        (#"{"find":{},"walk":{}}"#, "object of one member, one of define"),
        ("17", "object of one member"),
        (#"{"find":[]}"#, "find takes an object and got array of 0"),
        (
            #"{"find":{"collection":"n","wher":{}}}"#,
            "find has no member \"wher\". It may have: collection, edges, owner, where"
        ),
        (#"{"find":{"collection":5}}"#, "find.collection takes a text and got int 5"),
        (#"{"find":{"collection":"n","limit":1.5}}"#, "find.limit takes a whole number"),
        (#"{"find":{"collection":"n","order":"at"}}"#, "find.order takes an array"),
        (
            #"{"find":{"collection":"n","order":[{"field":"a","desc":true}]}}"#,
            "may have: field, descending"
        ),
        (#"{"find":{"collection":"n","near":{"field":"v"}}}"#, "near needs the member \"vector\""),
        (
            #"{"find":{"collection":"n","near":{"field":"v","vector":["a"]}}}"#,
            "near.vector takes a vector"
        ),
        (
            #"{"walk":{"from":["n/a"],"direction":"up"}}"#,
            "walk.direction takes one of out, in, both"
        ),
        (#"{"walk":{}}"#, "walk needs the member \"from\""),
        (#"{"get":["notes"]}"#, "\"collection/key\""), (#"{"get":["/a"]}"#, "\"collection/key\""),
        (#"{"get":[{"collection":"n","key":1.5}]}"#, "A key takes"),
        (#"{"get":[{"collection":"n","key":{"uuid":"x"}}]}"#, "A key takes"),
        (#"{"commit":{}}"#, "commit needs the member \"changes\""),
        (#"{"commit":{"changes":[],"durability":"fast"}}"#, "one of synced, buffered, none"),
        (
            #"{"commit":{"changes":[{"drop":1}]}}"#,
            "change \"drop\". Known: put, patch, delete, erase, link, unlink"
        ),
        (#"{"commit":{"changes":[{"unlink":-1}]}}"#, "zero or more"),
        (
            #"{"commit":{"changes":[{"put":{"collection":"n","fields":{},"mode":"x"}}]}}"#,
            "replace, insert"
        ),
        (#"{"remember":[{"text":"a"}]}"#, "remember needs the member \"owner\""),
        (
            #"{"remember":[{"text":"a","owner":"b","time":"soon"}]}"#,
            "remember.time takes an instant"
        ),
        (#"{"remember":[{"text":"a","owner":"b","kind":"odd"}]}"#, "working, episodic, semantic"),
        (#"{"recall":{"signals":["smell"]}}"#, "vector, meaning, window, text, reply, previous"),
        (#"{"verify":{"deep":true}}"#, "verify has no member \"deep\". It may have: none"),
        (
            #"{"define":{"collections":[{"name":"n","fields":[{"name":"a","type":"string"}]}]}}"#,
            "field type \"string\". Known: bool, int"
        ),
        (
            #"{"define":{"edges":[{"name":"n","fields":[{"name":"a","type":{"list":"int"}}]}]}}"#,
            "field type \"list\""
        ),
        (
            #"{"define":{"collections":[{"name":"n","roles":{"user":"a"}}]}}"#,
            "Roles has no member \"user\""
        ),
    ]) func wrongWordsAreNamed(text: String, part: String) {
        let failure = error { () throws(MnemeError) in try Request(json: text) }
        #expect(failure?.code == .badRequest)
        #expect(failure?.message.contains(part) ?? false, "\(failure?.message ?? "accepted")")
    }
}
