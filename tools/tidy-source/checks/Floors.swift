// The floors of the house, as Sources/README.md draws them: a room imports only from floors below
// its own. Whoever adds a room writes it down here first.

/// Where each room stands.
package enum Floors {
    /// C libraries and their shims: below everything that is written in Swift.
    static let bedrock: Set<String> = [
        "CKernels", "CXXHash", "CLZ4", "CStemmer", "CEpoll", "CCipher", "CTokenTable", "CSQLite",
        "CSystemd", "CMicroHTTP", "CTLS", "CEdit",
    ]

    /// Rooms by floor, from the ground up.
    static let rooms: [[String]] = [
        ["MnemeBase"],
        ["MnemeLog", "MnemePages", "MnemeModel", "MnemeEmbed", "MnemeTransport"],
        ["MnemeTree", "MnemeVectors", "MnemeText", "MnemeGraph", "MnemeLanguage", "MnemeRecall"],
        ["MnemeStore", "MnemeWire"],
        ["Mneme", "MnemeClient"],
        ["MnemeServer", "MnemeCommandLine"],
        ["MnemeProgram", "MnemeBench"],
    ]

    /// The floor of the programs, where everything under Benchmarks stands too.
    static let programs = 6

    /// The rooms with public declarations; the others are seen inside the package alone.
    static let doors: Set<String> = ["MnemeModel", "Mneme", "MnemeClient"]

    /// Up to this floor Foundation is not imported: with it a binary has 70 MB.
    static let lastWithoutFoundation = 3

    /// Modules of the toolchain and the system that any room may import.
    static let system: Set<String> = ["Glibc", "Swift", "Synchronization"]

    /// Modules of the toolchain that the upper floors and the tools may import.
    static let foundation: Set<String> = ["Dispatch", "Foundation", "FoundationEssentials"]

    /// The floor of a room, −1 for bedrock, nil for a name that is not in the house.
    static func floor(of room: String) -> Int? {
        bedrock.contains(room) ? -1 : rooms.firstIndex { $0.contains(room) }
    }

    /// What is wrong with `room` on `floor` using `other`, and what to do; nil where all is well.
    static func objection(to other: String, in room: String, on floor: Int) -> (String, String)? {
        if system.contains(other) { return nil }
        if foundation.contains(other) {
            guard floor <= lastWithoutFoundation else { return nil }
            return (
                "\(room) on floor \(floor) imports \(other), which stays out of floors 0 to"
                    + " \(lastWithoutFoundation)",
                "use MnemeBase or Glibc"
            )
        }
        guard let below = self.floor(of: other) else {
            return (
                "\(room) uses \(other), which is no room of the house",
                "remove it, or give it a floor in Floors.swift"
            )
        }
        guard below < floor else {
            let direction = below == floor ? "sideways" : "up"
            return (
                "\(room) on floor \(floor) reaches \(direction) to \(other) on floor \(below)",
                "move the code to a floor above both, or what it needs to a floor below"
            )
        }
        return nil
    }
}
