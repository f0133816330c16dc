// `{"frames": 12, "records": {"notes": 3}, "edges": {}, "losses": [{"file": …}], …}`

extension SalvageReport {
    /// The spelling: formats/salvage.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("isComplete", isComplete)
        spelling.put("isEndKnown", isEndKnown)
        spelling.put("frames", frames)
        spelling.put("records", .map(records.mapValues { .int(Int64($0)) }))
        spelling.put("edges", .map(edges.mapValues { .int(Int64($0)) }))
        spelling.put("losses", .array(losses.map(\.spelling)))
        spelling.put("brokenBatches", .array(brokenBatches.map(\.spelling)))
        spelling.put("leftOut", .array(leftOut.map(\.spelling)))
        spelling.put("leftOutCount", leftOutCount)
        spelling.put("uselessFiles", uselessFiles)
        spelling.put("deletesMayBeBack", deletesMayBeBack)
        spelling.put("erasures", erasures)
        spelling.put("notes", optional: notes)
        return spelling.value
    }
}

extension SalvageReport.Loss {
    /// The spelling: formats/salvage.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("file", file)
        spelling.put("firstSegment", firstSegment)
        spelling.put("lastSegment", lastSegment)
        if let firstByte, let endByte {
            spelling.put("firstByte", firstByte)
            spelling.put("endByte", endByte)
        }
        spelling.put("firstSequence", firstSequence)
        spelling.put("frameCount", frameCount)
        spelling.put("reason", reason)
        spelling.put("remains", remains)
        return spelling.value
    }
}

extension SalvageReport.BrokenBatch {
    /// The spelling: formats/salvage.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("firstSequence", firstSequence)
        spelling.put("lastSequence", lastSequence)
        spelling.put("frameCount", frameCount)
        return spelling.value
    }
}

extension SalvageReport.LeftOut {
    /// The spelling: formats/salvage.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("what", what)
        spelling.put("reason", reason)
        spelling.put("file", file)
        spelling.put("offset", offset)
        spelling.put("sequence", sequence)
        return spelling.value
    }
}
