#!/usr/bin/env python3
"""Training is reproducible: the same scripts and packages give the same bytes.

    train_test.py --words /usr/share/dict/american-english [--venv DIR] [--data ../../../../shared/data]

Trains two small models from generated texts alone, with different hash seeds of Python, and compares them. With --data it
trains the whole model instead, some six minutes of one quiet core, and compares it with names.bin. With --venv the packages of
requirements.txt are installed there first, once; without them, or without the words or the data, it skips, saying so.
"""
import argparse
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def skip(why):
    print("train: SKIPPED, " + why)
    sys.exit(0)


def interpreter(folder):
    """That has the packages of requirements.txt."""
    if folder is None:
        return sys.executable
    python = os.path.join(folder, "bin", "python")
    done = os.path.join(folder, "installed")
    requirements = os.path.join(HERE, "requirements.txt")
    if not os.path.exists(done):
        made = subprocess.run([sys.executable, "-m", "venv", folder]).returncode == 0 and subprocess.run(
            [python, "-m", "pip", "install", "-q", "-r", requirements]).returncode == 0
        if not made:
            skip("the packages of requirements.txt cannot be installed here")
        open(done, "w").close()
    return python


def train(python, options, out, hash_seed="0"):
    subprocess.run([python, "-B", os.path.join(HERE, "train.py"), *options, "--out", out], check=True,
                   stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONHASHSEED": hash_seed})
    with open(out, "rb") as file:
        return file.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--words", required=True)
    parser.add_argument("--venv")
    parser.add_argument("--data")
    args = parser.parse_args()
    for needed in (args.words, args.data):
        if needed and not os.path.exists(needed):
            skip(f"no {needed}")
    python = interpreter(args.venv)
    words = ["--words", args.words]
    with tempfile.TemporaryDirectory() as folder:
        out = lambda name: os.path.join(folder, name)
        if args.data:
            one = train(python, [*words, "--data", args.data], out("one.bin"))
            with open(os.path.join(HERE, "names.bin"), "rb") as file:
                other = file.read()
        else:
            small = [*words, "--texts", "150", "--iterations", "4", "--doubt", "0"]
            one, other = train(python, small, out("one.bin"), "1"), train(python, small, out("other.bin"), "2")
    if one != other or not one.startswith(b"FNM1"):
        sys.exit("train: two runs gave different models")
    print(f"train: the same {len(one)} bytes")


if __name__ == "__main__":
    main()
