#!/usr/bin/env python3
"""Runbooks followed to the letter: a fault is made, the page's own commands show it, what the page says is done, and only then
do its last commands say that it is over.

  tests/e2e/runbook_test.py BINARY WORK_FOLDER [STEP ...]
"""
import os, re, shutil, socket, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from embedding_server_test import Server  # noqa: E402
from runbook import Page  # noqa: E402
from running_site import TOKEN, Site  # noqa: E402

PROBER = "token-of-the-prober"
SLOW = """  - name: slow
    connector: folder
    collection: slow
    options: {root: ./slow, default_access: everyone}
    rate: {documents_per_second: 200}
collections:
  - {name: slow, deidentify: none}
"""


def follow(page, shows, mend=None, before=lambda command: None):
    """`shows` stands in what the commands print; `mend` is what a person does where the page has no command for it."""
    site = page.site
    site.wait(lambda: shows in page.confirm(), f"{page.name}: the fault shows: {shows}")
    assert not page.is_over(), f"{page.name}: said to be over while the fault is there"
    if mend is None:
        page.do(before)
    else:
        mend()
    site.wait(page.is_over, f"{page.name}: it is over", limit=120)
    print(page.name, "holds", flush=True)


def connector_rests(site):
    page = Page("alerts/FreshetConnectorDown", site, SOURCE="files")
    assert page.run('freshet source pause files --url "$URL" --token "$TOKEN"').returncode == 0
    follow(page, 'source="files"} 0')


def prober_is_silent(site):
    """Its page leads to the connector's."""
    down = Page("alerts/FreshetConnectorDown", site, SOURCE="files")
    assert down.run('freshet source pause files --url "$URL" --token "$TOKEN"').returncode == 0
    page = Page("alerts/FreshetProberSilent", site, PROBER_TOKEN=PROBER)
    page.text = page.text.replace("--once", "--once --limit 3s --target 1h")  # a loaded machine is not the fault
    site.wait(lambda: down.is_over() is False, "the connector rests")
    assert "failed" in page.confirm() and not page.is_over()
    down.do()
    page.text = page.text.replace("--limit 3s", "--limit 60s")
    site.wait(page.is_over, "the prober's document is found again", limit=200)
    print(page.name, "holds", flush=True)


def wrong_bytes(site):
    site.write("latin.txt", "Ärzteblatt: bettlägerig".encode("latin-1"))
    file = site.path("root", "latin.txt")
    follow(Page("codes/invalid_utf8", site, FILE=file, ID="latin.txt", COLLECTION="files"), '"invalid_utf8": 1')
    assert site.found("bettlägerig")


def letters(site):
    page = Page("alerts/FreshetDeadLetters", site, CODE="binary_content")
    site.write("picture.txt", b"MZ\x00\x01\x02" * 100)

    def before(command):
        # What was sent again comes back, for its cause is still there: only then is there something to drop.
        if " drop " in command:
            site.wait(lambda: "changes.backfill" in page.confirm(), "the letter comes back")
    follow(page, "picture.txt", before=before)


def too_large(site):
    site.write("large.txt", "A long line of many words in it. " * 160_000)
    page = Page("codes/document_too_large", site, ID="large.txt", COLLECTION="files")
    follow(page, '"document_too_large": 1', mend=lambda: site.write("large.txt", "smallword now."))


def wrong_configuration(site):
    with open(site.path("freshet.yaml")) as file:
        right = file.read()

    def write(text):
        with open(site.path("freshet.yaml"), "w") as file:
            file.write(text)
    write(right + "nonsense: 1\n")
    follow(Page("codes/configuration", site), "nonsense", mend=lambda: write(right))


def embedding_server_is_away(site):
    held, failing = Page("alerts/FreshetStageHeld", site), Page("alerts/FreshetEmbedderFailing", site)
    site.server.stop()
    site.write("while.txt", "meanwhileword has no vector yet.")
    site.wait(lambda: not held.is_over(), "the step is held", limit=120)
    assert 'stage="embed"} 1' in held.confirm(), held.confirm()
    backlog = Page("alerts/FreshetBacklog", site)
    site.wait(lambda: counted(backlog, "freshet_stage_backlog_records") >= 1, "and what waits is counted")
    assert "no_vectors" in failing.confirm() and not failing.is_over()
    site.server.start()
    site.wait(lambda: held.is_over() and failing.is_over(), "it is over", limit=120)
    site.wait(lambda: site.found("meanwhileword"), "and what waited arrives")
    print(held.name, "and", failing.name, "hold", flush=True)


def process_is_gone(site):
    page = Page("alerts/FreshetDown", site)
    site.kill()
    assert page.run('curl -sf "$URL/healthz"').returncode == 7, "nobody is there"
    assert not page.is_over()
    site.start()
    site.wait(page.is_over, "it is over")
    print(page.name, "holds", flush=True)


def deletes_wait(site):
    """Twice: a listing that was wrong, and one that was right."""
    for i in range(30):
        site.write(f"many/m{i}.txt", f"manyword number {i} stands here.")
    there = lambda: len(site.found("manyword"))
    site.wait(lambda: there() == 30, "thirty arrive")
    page = Page("alerts/FreshetDeletesHeld", site, SOURCE="files")

    def listing_lacks_them():
        site.stop()
        shutil.move(site.path("root", "many"), site.path("away"))
        site.start()
        site.wait(lambda: 'source="files"} 30' in page.confirm(), "the deletes are held")
        assert not page.is_over() and there() == 30
    listing_lacks_them()
    shutil.move(site.path("away"), site.path("root", "many"))
    page.do(only="backfill")
    site.wait(page.is_over, "a whole listing drops what was held", limit=120)
    assert there() == 30, "and nothing was deleted"
    listing_lacks_them()
    page.do(only="confirm")
    site.wait(page.is_over, "it is confirmed", limit=120)
    site.wait(lambda: there() == 0, "and the documents are gone")
    print(page.name, "holds", flush=True)


def backfill_stands(site):
    """In the middle of its listing, while another source's listing moves through the same lane."""
    page = Page("alerts/FreshetBackfillStalled", site, SOURCE="slow")

    def source(action, name):
        done = page.run(f'freshet source {action} {name} --url "$URL" --token "$TOKEN"')
        assert done.returncode == 0, done.stderr

    def told(metric, label):
        found = re.search(rf'^freshet_{metric}{{.*{label}.*}} (\S+)$', site.request("GET", "/metrics", token=None)[1], re.M)
        return float(found.group(1)) if found else 0

    def stalled(name):
        source("backfill", "files")
        assert "freshet_backfill_stalled_seconds" in page.confirm()
        return told("backfill_stalled_seconds", f'source="{name}"')
    documents = lambda: told("index_documents", 'collection="slow"')
    source("pause", "slow")
    site.wait(lambda: told("connector_up", 'source="slow"') == 0, "it rests")
    for i in range(2500):  # more than are under way when it is told to rest
        site.write(f"../slow/s{i}.txt", f"slowword number {i} stands here.")
    source("resume", "slow")
    site.wait(lambda: documents() > 0, "its listing has begun")
    source("pause", "slow")
    site.wait(lambda: stalled("slow") > 10, "it stands still")
    assert stalled("files") < 5, "and the other one does not"
    assert documents() < 2500 and not page.is_over()
    page.do()
    site.wait(lambda: page.is_over() and documents() == 2500, "it goes on to its end", limit=200)
    print(page.name, "holds", flush=True)


def counted(page, metric):
    """What the page's own commands say of it, over all labels."""
    return sum(float(value) for value in re.findall(rf"^{metric}(?:\{{.*\}})? (\S+)$", page.confirm(), re.M))


def questions_find_nothing(site):
    page = Page("alerts/FreshetEmptyAnswers", site)
    before = counted(page, "freshet_query_empty_total")
    for _ in range(3):
        assert not site.search("unheardofword", mode="lexical")["hits"]
    assert counted(page, "freshet_query_empty_total") == before + 3
    assert counted(page, "freshet_index_documents") > 0, "and the page's second cause is told from its third"
    print(page.name, "shows it", flush=True)


def tokens_rise(site):
    page = Page("alerts/FreshetTokenSpike", site)
    tokens, changes = counted(page, "freshet_embedder_tokens_total"), counted(page, "freshet_connector_changes_total")
    for i in range(20):
        site.write(f"spike{i}.txt", f"spikeword number {i} stands in a text that nobody wrote before.")
    site.wait(lambda: len(site.found("spikeword")) == 20, "twenty arrive")
    assert counted(page, "freshet_embedder_tokens_total") >= tokens + 20
    assert counted(page, "freshet_connector_changes_total") >= changes + 20, "and who sent them"
    print(page.name, "shows it", flush=True)


STEPS = (connector_rests, prober_is_silent, backfill_stands, deletes_wait, wrong_bytes, letters, too_large, wrong_configuration, embedding_server_is_away,
         questions_find_nothing, tokens_rise, process_is_gone)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def configured(site):
    """A model behind HTTP, a prober's token, and the same port after a restart."""
    site.server = Server()
    site.server.start()
    with open(site.path("tokens.yaml"), "a") as file:
        file.write(f'- {{token: "{PROBER}", user: prober, groups: [], tenant: test}}\n')
    with open(site.path("key"), "w") as file:
        file.write("the-key")
    with open(site.path("freshet.yaml")) as file:
        text = file.read()
    http = ('embedder: {kind: http, url: "http://127.0.0.1:%d", model: tiny, dimensions: 16, api_key: "${FILE:key}", timeout: 2s}'
            % site.server.port)
    os.makedirs(site.path("slow"))
    text = text.replace("collections:\n", SLOW)
    text = text.replace("embedder: {kind: hashing}", http).replace('"127.0.0.1:0"', f'"127.0.0.1:{free_port()}"')
    with open(site.path("freshet.yaml"), "w") as file:
        file.write(text)
    return site


def main():
    binary, work, only = sys.argv[1], sys.argv[2], sys.argv[3:]
    shutil.rmtree(work, ignore_errors=True)
    site = configured(Site(binary, os.path.join(work, "site")))
    site.start()
    site.write("first.txt", "hand hygiene: firstword stands here.")
    site.wait(lambda: site.found("firstword"), "a document arrives")
    for step in STEPS:
        if not only or step.__name__ in only:
            step(site)
    assert site.stop() == 0
    site.server.stop()


if __name__ == "__main__":
    main()
