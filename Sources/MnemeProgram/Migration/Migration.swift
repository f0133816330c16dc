// One migration, as its file says. Page: formats/migrations.md.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// Brings a store from one version of a service's data to the next, and perhaps back.
struct Migration: Sendable {
    /// Its number; migrations are made in the order of their numbers.
    let version: Int64
    let name: String
    let path: String
    /// Of what the file says, however it is laid out.
    let checksum: String
    let up: [Request]
    /// What undoes it, nil where nothing does.
    let down: [Request]?

    /// The number and the name, as in the file's name.
    var title: String { "\(version)-\(name)" }

    /// What a file's name says; nil for one that is none of a migration.
    static func parts(of fileName: String) -> (version: Int64, name: String)? {
        guard fileName.hasSuffix(".json") else { return nil }
        let stem = fileName.dropLast(".json".count)
        let digits = stem.prefix { $0.isASCII && $0.isNumber }
        let rest = stem.dropFirst(digits.count)
        guard let version = Int64(digits), version > 0, rest.first == "-" else { return nil }
        let name = rest.dropFirst()
        let isNamed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return isNamed && !name.isEmpty ? (version, String(name)) : nil
    }

    /// Reads a migration.
    ///
    /// - Throws: `Failure` that names the file and what is wrong in it.
    init(version: Int64, name: String, reading path: String) throws(Failure) {
        self.version = version
        self.name = name
        self.path = path
        let bytes = try InputFile(path).readAll()
        let spelling: Value
        do {
            spelling = try Value(json: bytes)
        } catch {
            throw Failure(GivenJSON.placed(error.message, in: path), code: error.code)
        }
        var members = try MappingMembers(spelling, path)
        up = try Self.steps(try members.array("up"), "\(path), \"up\"") ?? []
        down = try Self.steps(try members.array("down"), "\(path), \"down\"")
        try members.finish()
        guard !up.isEmpty || down != nil else {
            throw Failure("\(path) has no steps. Give them as \"up\": an array of requests.")
        }
        let digits = String(Checksum.xxh3(Array(spelling.json().utf8)), radix: 16)
        checksum = String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func steps(_ values: [Value]?, _ place: String) throws(Failure) -> [Request]? {
        guard let values else { return nil }
        var steps: [Request] = []
        for (index, value) in values.enumerated() {
            let place = "\(place), step \(index + 1)"
            let request: Request
            do throws(MnemeError) {
                request = try Request(spelling: value)
            } catch {
                throw Failure("\(place): \(error.message)", code: error.code)
            }
            switch request {
            case .drop(.collection(MigrationTable.name)):
                throw Failure(
                    "\(place) drops the collection \(MigrationTable.name), which notes what was "
                        + "made. Leave it."
                )
            case .define, .drop, .switchVector, .commit, .forget, .deleteWhere:
                steps.append(request)
            default:
                throw Failure(
                    "\(place) is none that a migration takes. It takes: "
                        + listed(["define", "drop", "switch", "commit", "forget", "deleteWhere"])
                        + "."
                )
            }
        }
        return steps
    }
}

/// The migrations of a directory, by their numbers.
struct MigrationFolder: Sendable {
    let path: String
    let migrations: [Migration]

    /// Reads a directory.
    ///
    /// - Throws: `Failure` for a name, a number that is there twice, or a file that is none.
    init(reading path: String, on disk: any Disk = RealDisk()) throws(Failure) {
        self.path = path
        let names: [String]
        do throws(DiskError) {
            names = try disk.list(path)
        } catch {
            throw Failure(error)
        }
        var migrations: [Migration] = []
        for name in names.sorted() where name.hasSuffix(".json") && !name.hasPrefix(".") {
            guard let parts = Migration.parts(of: name) else {
                throw Failure(
                    "\(path)/\(name) is no name of a migration. Call it NUMBER-NAME.json, such as "
                        + "0002-moods.json, with letters, digits, hyphens and underscores; or move "
                        + "it elsewhere."
                )
            }
            let migration = try Migration(
                version: parts.version,
                name: parts.name,
                reading: "\(path)/\(name)"
            )
            if let other = migrations.first(where: { $0.version == migration.version }) {
                throw Failure(
                    "\(other.path) and \(migration.path) have the same number. Give one of them "
                        + "another."
                )
            }
            migrations.append(migration)
        }
        self.migrations = migrations.sorted { $0.version < $1.version }
    }
}
