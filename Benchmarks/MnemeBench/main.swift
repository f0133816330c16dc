// Measures Mneme through its public door. Figures mean something only beside others of the same run
// on the same machine: Benchmarks/README.md.

internal import Glibc
internal import MnemeCommandLine

let program: Program = Program(
    "mneme-bench",
    version: "0.1",
    "Measures Mneme on data of your own",
    commands: [
        VectorsCommand.command, TextCommand.command, GraphCommand.command, RecallCommand.command,
        StoreCommand.command, LayeredCommand.command, IndexCommand.command, SoakCommand.command,
        EmbedCommand.command, DecayCommand.command, LoadCommand.command,
    ]
)
exit(program.run())
