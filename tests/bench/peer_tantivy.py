"""Tantivy by words, on the corpus of search_corpus.h, one thread: English stems, BM25, a reader's filter as a term that
must match and counts nothing.

    peer_tantivy.py FOLDER COUNT WORK          prints one JSON value
"""
import json
import os
import sys
import time

import procs
import tantivy
from search_files import PERMILLE, TOP, Corpus, readers_of, timed

HEAP = 256 << 20  # bytes


def schema():
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", stored=True, tokenizer_name="en_stem")
    builder.add_text_field("reader", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("row", stored=True)
    return builder.build()


def build(corpus, path):
    index = tantivy.Index(schema(), path=path)
    writer = index.writer(HEAP, num_threads=1)
    for row, text in enumerate(corpus.texts()):
        writer.add_document(tantivy.Document(text=text, reader=readers_of(row), row=row))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index


def words_of(index, question):
    """Any of the question's words, whatever signs stand in it."""
    return index.parse_query("".join(c if c.isalnum() else " " for c in question), ["text"])


def measure(corpus, index, reader):
    searcher = index.searcher()
    allowed = tantivy.Query.const_score_query(
        tantivy.Query.term_query(index.schema, "reader", f"p{PERMILLE[reader]}"), 0.0)

    def ask(question):
        query = tantivy.Query.boolean_query([(tantivy.Occur.Must, words_of(index, corpus.questions[question])),
                                             (tantivy.Occur.Must, allowed)])
        return [searcher.doc(address)["row"][0] for _, address in searcher.search(query, TOP).hits]

    for question in range(len(corpus.questions)):
        ask(question)  # what the first ones alone read
    found = timed(corpus, reader, ask)
    del found["recall"]  # words are not asked for the nearest
    return found


def main():
    folder, count, work = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    corpus = Corpus(folder, count)
    path = os.path.join(work, "tantivy")
    os.makedirs(path)
    begin = time.perf_counter()
    index = build(corpus, path)
    built = time.perf_counter() - begin
    quiet = {str(permille): measure(corpus, index, reader) for reader, permille in enumerate(PERMILLE)}
    print(json.dumps({"count": count, "build_s": built, "disk_bytes": sum(procs.disk_by_part(path).values()),
                      "resident_bytes": procs.resident_bytes(os.getpid()), "quiet": {"lexical": quiet}}))


if __name__ == "__main__":
    main()
