#!/usr/bin/env python3
"""What OpenVINO's and ONNX Runtime's own Python packages make of the encoder's work; legs.py runs it in the peers' environment.

  tests/bench/engines.py --model build/deps/all-MiniLM-L6-v2 --openvino build/deps --threads 2 < vectors.jsonl

Reads what `freshet embed batch` wrote: the token ids, so that no tokenizer is in the figures, and the vectors, so that it
is the same work. Batches are the encoder's: texts of like length, padded to a multiple of 8, 256 tokens. Prints JSON:
{"ONNX Runtime, f32": {"chunks": 900, "seconds": 12.1, "worst": 1e-7}, ...}, worst: the largest 1 - cosine.
"""
import argparse
import json
import os
import sys
import tempfile
import time

import numpy
import onnx

import onnx_bert

STEP, BATCH_TOKENS = 8, 256


def batches(rows):
    """[(indexes, ids, mask)], the longest first."""
    groups = {}
    for index in sorted(range(len(rows)), key=lambda each: -len(rows[each])):
        groups.setdefault(-(-len(rows[index]) // STEP) * STEP, []).append(index)
    found = []
    for width, members in groups.items():
        count = max(1, BATCH_TOKENS // width)
        for begin in range(0, len(members), count):
            part = members[begin:begin + count]
            ids, mask = numpy.zeros((len(part), width), numpy.int64), numpy.zeros((len(part), width), numpy.int64)
            for row, index in enumerate(part):
                ids[row, :len(rows[index])], mask[row, :len(rows[index])] = rows[index], 1
            found.append((part, ids, mask))
    return found


def onnx_runtime(path, threads):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda work: [session.run(None, {"ids": ids, "mask": mask})[0] for _, ids, mask in work]


def openvino(path, threads, precision):
    import openvino as engine
    compiled = engine.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": precision, "NUM_STREAMS": str(threads),
                                                         "INFERENCE_NUM_THREADS": threads})

    def run(work):
        found = [None] * len(work)
        queue = engine.AsyncInferQueue(compiled, threads)
        queue.set_callback(lambda request, place: found.__setitem__(place, request.get_output_tensor().data.copy()))
        for place, (_, ids, mask) in enumerate(work):
            queue.start_async({"ids": ids, "mask": mask}, place)
        queue.wait_all()
        return found
    return run


def worst(work, found, expected):
    most = 0.0
    for (part, _, _), vectors in zip(work, found):
        for index, vector in zip(part, vectors):
            want = expected[index]
            most = max(most, 1 - float(vector @ want) / float(numpy.linalg.norm(vector) * numpy.linalg.norm(want)))
    return most


def measure(run, work, expected):
    run(work[:: max(1, len(work) // 20)])  # warm
    begin = time.monotonic()
    found = run(work)
    return {"chunks": len(expected), "seconds": time.monotonic() - begin, "worst": worst(work, found, expected)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--openvino", required=True, help="where set-up put the package")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    sys.path.append(args.openvino)
    rows = [json.loads(line) for line in sys.stdin]
    expected = numpy.array([row["embedding"] for row in rows], numpy.float64)
    work = batches([row["ids"] for row in rows])
    with open("/proc/cpuinfo") as file:
        has_bf16 = "avx512_bf16" in file.read()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        onnx.save(onnx_bert.build(args.model), path)
        found = {"ONNX Runtime, f32": measure(onnx_runtime(path, args.threads), work, expected),
                 "OpenVINO, f32": measure(openvino(path, args.threads, "f32"), work, expected)}
        if has_bf16:  # emulated where the processor lacks it: tens of times slower
            found["OpenVINO, bf16"] = measure(openvino(path, args.threads, "bf16"), work, expected)
    json.dump(found, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
