// The files in formats/schemas: each is a schema that every door takes, also a second time, and has
// scripts of its own.

import Doors
import Foundation
import Testing

@testable import MnemeModel

@Suite struct SchemaFileTests {
    private static let directory = ScriptFiles.project.appending(path: "formats/schemas")

    private static let services: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }()

    @Test func everyServiceHasASchemaAndScripts() throws {
        let named = ScriptFiles.names.filter { $0.hasPrefix("services/") }
            .map { String($0.split(separator: "/")[1]) }
        #expect(Self.services.count == 5)
        #expect(Set(named) == Set(Self.services))
        for name in ScriptFiles.names where name.hasPrefix("services/") {
            let service = name.split(separator: "/")[1]
            #expect(try ScriptFiles.read(name).schemas == ["formats/schemas/\(service).json"])
        }
    }

    @Test(arguments: DoorKind.allCases)
    func aSchemaIsDefinedAgainWithoutAChange(kind: DoorKind) async throws {
        for service in Self.services {
            let url = Self.directory.appending(path: service + ".json")
            let schema = try Schema(json: String(contentsOf: url, encoding: .utf8))
            try await kind.withDoor { door in
                _ = try await door.outcome(.define(schema)).get()
                let first = try await door.outcome(.describe).get()
                guard case .schema(let described) = first else {
                    Issue.record("\(service): describe answers \(first)")
                    return
                }
                for collection in schema.collections {
                    #expect(described.collections.contains(collection), "\(collection.name)")
                }
                for type in schema.edgeTypes {
                    #expect(described.edgeTypes.contains(type), "\(type.name)")
                }
                _ = try await door.outcome(.define(schema)).get()
                #expect(try await door.outcome(.describe).get() == first, "\(service)")
            }
        }
    }
}
