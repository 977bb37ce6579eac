"""A sentence-transformers BERT encoder as an ONNX graph, from its published weights: what ONNX Runtime is measured on.

    onnx.save(build("build/deps/all-MiniLM-L6-v2"), "minilm.onnx")     # inputs ids, mask [batch, tokens]; output [batch, hidden]

The graph is the one of the paper (Devlin et al., 2018) with mean pooling (Reimers and Gurevych, 2019), all its sums in
float32; vectors are not normalised.
"""
import json
import os
import struct

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


def read_safetensors(path):
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        head = json.loads(file.read(size))
        data = file.read()
    return {name: numpy.frombuffer(data[slice(*entry["data_offsets"])], numpy.float32).reshape(entry["shape"])
            for name, entry in head.items() if entry.get("dtype") == "F32"}


class Graph:
    def __init__(self, weights):
        self.weights, self.nodes, self.constants = weights, [], {}

    def constant(self, value):
        """Weights by name, others by value."""
        name = value if isinstance(value, str) else f"c{len(self.constants)}"
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(self.weights[value] if isinstance(value, str) else value, name)
        return name

    def add(self, kind, *inputs, **attributes):
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def linear(self, x, name):
        kernel = self.constant(numpy.ascontiguousarray(self.weights[name + ".weight"].T))
        return self.add("Add", self.add("MatMul", x, kernel), self.constant(name + ".bias"))

    def norm(self, x, name, epsilon):
        return self.add("LayerNormalization", x, self.constant(name + ".weight"), self.constant(name + ".bias"), axis=-1,
                        epsilon=epsilon)

    def heads(self, x, count, width, order):
        shape = self.constant(numpy.array([0, 0, count, width], numpy.int64))
        return self.add("Transpose", self.add("Reshape", x, shape), perm=order)


def _embeddings(graph, epsilon):
    tokens = graph.add("Shape", "ids", start=1, end=2)
    one = graph.constant(numpy.array([0], numpy.int64))
    positions = graph.add("Slice", graph.constant("embeddings.position_embeddings.weight"), one, tokens, one)
    words = graph.add("Gather", graph.constant("embeddings.word_embeddings.weight"), "ids")
    kind = graph.constant(graph.weights["embeddings.token_type_embeddings.weight"][0])
    return graph.norm(graph.add("Add", graph.add("Add", words, positions), kind), "embeddings.LayerNorm", epsilon)


def _attention(graph, x, layer, config):
    count = config["num_attention_heads"]
    width = config["hidden_size"] // count
    query, key, value = (graph.heads(graph.linear(x, f"{layer}.attention.self.{each}"), count, width, order)
                         for each, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3])))
    scale = graph.constant(numpy.float32(width ** -0.5))
    scores = graph.add("Add", graph.add("Mul", graph.add("MatMul", query, key), scale), "bias")
    mixed = graph.add("Transpose", graph.add("MatMul", graph.add("Softmax", scores, axis=-1), value), perm=[0, 2, 1, 3])
    flat = graph.add("Reshape", mixed, graph.constant(numpy.array([0, 0, config["hidden_size"]], numpy.int64)))
    return graph.linear(flat, f"{layer}.attention.output.dense")


def build(directory):
    with open(os.path.join(directory, "config.json")) as file:
        config = json.load(file)
    graph = Graph(read_safetensors(os.path.join(directory, "model.safetensors")))
    epsilon = config["layer_norm_eps"]
    mask = graph.add("Cast", "mask", to=TensorProto.FLOAT)
    away = graph.add("Mul", graph.add("Sub", graph.constant(numpy.float32(1)), mask), graph.constant(numpy.float32(-1e9)))
    graph.nodes.append(helper.make_node("Unsqueeze", [away, graph.constant(numpy.array([1, 2], numpy.int64))], ["bias"]))
    x = _embeddings(graph, epsilon)
    for number in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{number}"
        x = graph.norm(graph.add("Add", x, _attention(graph, x, layer, config)), f"{layer}.attention.output.LayerNorm", epsilon)
        inner = graph.add("Gelu", graph.linear(x, f"{layer}.intermediate.dense"))
        x = graph.norm(graph.add("Add", x, graph.linear(inner, f"{layer}.output.dense")), f"{layer}.output.LayerNorm", epsilon)
    last = graph.constant(numpy.array([-1], numpy.int64))
    weighted = graph.add("Mul", x, graph.add("Unsqueeze", mask, last))
    first = graph.constant(numpy.array([1], numpy.int64))
    total = graph.add("ReduceSum", weighted, first, keepdims=0)
    graph.nodes.append(helper.make_node("Div", [total, graph.add("ReduceSum", mask, first, keepdims=1)], ["vector"]))
    ints = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in ("ids", "mask")]
    out = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["batch", config["hidden_size"]])
    made = helper.make_graph(graph.nodes, "bert", ints, [out], list(graph.constants.values()))
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(model)
    return model
