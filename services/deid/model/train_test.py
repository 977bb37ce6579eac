#!/usr/bin/env python3
"""Training is reproducible: the same scripts and packages give the same bytes.

    venv/bin/python train_test.py --words /usr/share/dict/american-english

Trains two small models from generated texts alone, with different hash seeds of Python, and compares them.
"""
import argparse
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def train(words, out, hash_seed):
    subprocess.run([sys.executable, "-B", os.path.join(HERE, "train.py"), "--words", words, "--texts", "150",
                    "--iterations", "4", "--doubt", "0", "--out", out], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "PYTHONHASHSEED": hash_seed})
    with open(out, "rb") as file:
        return file.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--words", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        one = train(args.words, os.path.join(folder, "one.bin"), "1")
        other = train(args.words, os.path.join(folder, "other.bin"), "2")
    if one != other or not one.startswith(b"FNM1"):
        sys.exit("train: two runs gave different models")
    print(f"train: two runs gave the same {len(one)} bytes")


if __name__ == "__main__":
    main()
