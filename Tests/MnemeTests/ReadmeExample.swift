// The program on the first screen of README.md. What stands between the two marks is that program
// without its first line; ReadmeTests hold the two against each other, and what it prints.

import Mneme

func readmeExample(_ print: (String) -> Void) throws {
    // The program begins.
    let memory = try Memory.open("/tmp/mneme-example")
    if try memory.statistics().records["memories"] == 0 {
        _ = try memory.remember([
            Remember("Ann keeps bees behind the old mill", owner: "ann"),
            Remember("The roof of the mill was mended in May", owner: "ann"),
            Remember("The train to Lyon leaves at nine", owner: "ann"),
        ])
    }
    for item in try memory.recall("Who keeps beehives?", owner: "ann", limit: 2).items {
        let parts = item.parts.map { "\($0.signal) \(Int(($0.value * 100).rounded()))" }
        print("\(Int((item.score * 100).rounded())) \(item.record["text"].text ?? "")")
        print("   \(parts.joined(separator: " + "))")
    }
    try memory.close()
    // The program ends.
}
