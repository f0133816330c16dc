// The program: its verbs in the order of the help, and what several of them share.

internal import Mneme
internal import MnemeCommandLine

/// The program mneme.
enum Tool {
    static let program = Program(
        "mneme",
        version: version,
        "Mneme is a memory database: records, words, vectors and a graph in one store. This "
            + "program works on a store in a directory, "
            + "or on one behind a server.",
        commands: commands.map(ProgramWords.speaking),
        shared: [
            Program.json.declaration, csv.declaration, table.declaration, progress.declaration,
        ]
    )

    private static let commands =
        [
            DemoVerb.command, ImportWordNetVerb.command, ImportLinesVerb.command,
            ImportVerb.command, ExportVerb.command, MigrateDownVerb.command,
            MigrateStatusVerb.command, MigrateVerb.command, RememberVerb.command,
            RecallVerb.command, ForgetVerb.command, SupersedeVerb.command, WhyVerb.command,
            PinVerb.command, TouchVerb.command, UpkeepVerb.command, PruneVerb.command,
            SessionOpenVerb.command, SessionAppendVerb.command, SessionContextVerb.command,
            SessionShowVerb.command, SessionEndVerb.command, EpisodesVerb.command,
        ] + NamedVerbs.commands + [
            EventScheduleVerb.command, EventDueVerb.command, EventClaimVerb.command,
            EventSettleVerb.command, ScalarSetVerb.command, ScalarGetVerb.command,
            DefineVerb.command, DescribeVerb.command, PutVerb.command, GetVerb.command,
            DeleteVerb.command, LinkVerb.command, UnlinkVerb.command, FindVerb.command,
            WalkVerb.command, PathVerb.command, PathsVerb.command, GraphRunVerb.command,
            GraphJobsVerb.command, GraphResultVerb.command, GraphForgetVerb.command,
            PerformVerb.command, RunVerb.command, StatisticsVerb.command, UsageVerb.command,
            QuotasVerb.command, PurgeVerb.command, VerifyVerb.command, ScrubVerb.command,
            VectorsCheckVerb.command,
            CheckpointVerb.command, CompactVerb.command, RebuildVerb.command, SalvageVerb.command,
            BackupVerifyVerb.command, BackupListVerb.command, BackupPruneVerb.command,
            BackupVerb.command, RestoreVerb.command, KeyMakeVerb.command, KeyRotateVerb.command,
            TokenAddVerb.command, TokenListVerb.command, TokenRotateVerb.command,
            TokenExpireVerb.command, TokenRevokeVerb.command, ServeVerb.command,
            ReportVerb.command, TopVerb.command, ManualVerb.command, ShellVerb.command,
        ] + Inspecting.commands

    static let version = "0.1.0"

    /// The program as it was called.
    static var path: String { CommandLine.arguments.first ?? program.name }

    static let csv = Parameter(
        flag: "csv",
        "prints the rows of the answer as comma-separated values under their names"
    )

    static let table = Parameter(
        flag: "table",
        "prints the rows of the answer as a table that fits the terminal"
    )

    static let progress = Parameter(
        flag: "progress",
        "shows progress also where standard error is no terminal"
    )

    /// Does something that cannot say how far it has come, and shows that it goes on.
    static func metered<Result>(
        _ title: String,
        _ invocation: Invocation,
        _ job: () throws -> Result
    ) rethrows -> Result {
        var meter = meter(title, invocation)
        defer { meter.finish() }
        return try job()
    }

    /// The meter of a long job, shown as the command line says.
    static func meter(
        _ title: String,
        unit: String = "",
        total: Int? = nil,
        _ invocation: Invocation
    ) -> ProgressMeter {
        ProgressMeter(
            title,
            unit: unit,
            total: total,
            mode: invocation[progress] ? .always : .automatic,
            isWanted: { [run = StatementRun.current] in run?.isGivenUp != true }
        )
    }
}
