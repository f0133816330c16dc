// Conditions to begin with: each word of the grammars once at least. All of them are taken.

internal import MnemeModel

extension FilterTarget {
    static var seeds: [FuzzSeed] {
        let kinds: [(name: String, kind: UInt8, texts: [String])] = [
            ("filter", 0, filters), ("find", 1, finds), ("pattern", 2, patterns),
            ("expression", 3, expressions), ("query", 4, queries), ("recurrence", 5, recurrences),
        ]
        let seeds = kinds.flatMap { name, kind, texts in
            texts.enumerated().map { FuzzSeed("\(name)-\($0)", kind, $1) }
        }
        let encoded = filters.enumerated().compactMap { index, text in
            (try? Value(json: text).cbor()).map { FuzzSeed("encoded-\(index)", [6] + $0) }
        }
        return seeds + encoded
    }

    private static let filters = [
        #"{"text": "a", "number": {"gt": 1, "lte": 99}}"#,
        #"{"or": [{"flag": true}, {"not": {"share": {"within": [0, 1.5]}}}]}"#,
        #"{"and": [{"text": {"prefix": "Gre"}}, {"list": {"any": ["a", 2]}}]}"#,
        #"{"list": {"all": [3.5]}, "deep.a.c.d": {"ne": null}, "deep": {"contains": {"e": 1}}}"#,
        #"{"list": {"some": {"k": {"in": [1, 2, 3, 4, 5, 6, 7, 8, 9, {"$float": "nan"}]}}}}"#,
        #"{"at": {"lt": {"$instant": "2030-01-01T00:00:00Z"}}, "id": {"exists": false}}"#,
        #"{"number": {"in": [1, 2.0, 42]}, "day": {"nin": [{"$date": "2024-10-04"}]}}"#,
        #"{"not": {"not": {"not": {"and": []}}}}"#,
        #"{"text": {"contains": "tea"}, "list": {"contains": 2}, "share": {"gte": 0, "eq": 0.25}}"#,
    ]

    private static let finds = [
        #"{"collection": "notes", "where": {"text": "a"}, "order": ["at"], "limit": 5}"#,
        #"{"collection": "notes", "near": {"field": "v", "vector": {"$vector": [1]}}}"#,
        #"{"collection": "notes", "match": {"field": "text", "query": "+tea -\"a b\" c*"}}"#,
        #"{"edges": "is", "where": {"$from": 1}, "order": [{"field": "w", "descending": true}]}"#,
    ]

    private static let patterns = [
        #"{"nodes": {"a": {"collection": "notes", "keys": ["k"]}, "b": {"collection": "notes"}}, "#
            + #""steps": [{"from": "a", "to": "b", "types": ["likes"], "direction": "both"}]}"#,
        #"{"nodes": {"a": {"collection": "notes", "where": {"number": 1}}}, "steps": [], "#
            + #""select": ["a.text"], "distinct": true, "order": ["a.at"], "limit": 3}"#,
    ]

    private static let expressions = [
        #"number + 2 * -share <= 3 and not flag or text like '%tea\%_'"#,
        "coalesce(text, deep.a[0], 'x') || upper(lower(text))",
        "length(list) between 1 and 9 and number in (1, 2, 42) and at is not null",
        "case when number > 3 then 'many' when flag then 'some' else null end",
        "date(at, 'Europe/Berlin') >= date '2024-02-29' or hour(at) = 3",
        "substring(text, 2, 3) = 'een' and round(share * 100) % 7 <> 0",
        "has(deep, 'a') = contains(list, 2) or list[-1] is null or kind(id) = 'uuid'",
        "((((((((1))))))))",
    ]

    private static let queries = [
        "tea green", "+tea -coffee", "\"green tea\" brew*", "text:tea -text:\"a b\"",
    ]

    private static let recurrences = [
        #""monthly""#,
        #"{"every": "day", "interval": 2, "start": "2024-02-29T08:00:00Z", "count": 5}"#,
        #"{"every": "week", "weekdays": ["monday", "friday"], "until": "2030-01-01T00:00:00Z"}"#,
        #"{"every": "month", "days": [-1, 31], "shortMonth": "last", "zone": "Europe/Berlin"}"#,
        #"{"every": "year", "months": [2], "days": [29]}"#,
        #"{"every": "month", "weekdays": ["tuesday"], "week": -1}"#,
    ]
}
