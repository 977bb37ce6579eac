"""The page /freshness in a real, headless Chromium, over a real site: what page_test.mjs does and checks.

  page_test.py <freshet binary> <directory>     leaves screenshots in <directory>

Skipped (77) where there is no Chromium or Node.js, or the page's npm packages are not there.
"""
import os, shutil, subprocess, sys, tempfile

from running_site import TOKEN, Site

MODULES = os.path.join("build", "deps", "page", "node_modules")
SLOS = "    slo: {searchable: {target: 5s, objective: 0.9}, revoked: {target: 5s, objective: 0.9, window: 1h}}\n"


def promise(site):
    """Adds SLOs to the site's only source."""
    with open(site.path("freshet.yaml")) as file:
        text = file.read()
    with open(site.path("freshet.yaml"), "w") as file:
        file.write(text.replace("collections:\n", SLOS + "collections:\n", 1))


def main(binary, directory):
    chromium = shutil.which("chromium")
    missing = [name for name, there in (("chromium", chromium), ("node", shutil.which("node")),
                                        (MODULES, os.path.isdir(os.path.join(MODULES, "playwright-core")))) if not there]
    if missing:
        print("SKIPPED: not here:", ", ".join(missing))
        return 77
    site = Site(binary, directory)
    promise(site)
    for i in range(3):
        site.write(f"note-{i}.txt", f"floor number {i}\n")
    site.start()
    site.wait(lambda: len(site.found("floor")) == 3, "the first documents are found")
    with tempfile.TemporaryDirectory() as profile:
        environment = dict(os.environ, PAGE_URL=f"http://127.0.0.1:{site.port}/freshness", PAGE_TOKEN=TOKEN, CHROMIUM=chromium,
                           NODE_MODULES=os.path.abspath(MODULES), SCREENSHOTS=site.path(), HOME=profile)
        browser = subprocess.Popen(["node", os.path.join(os.path.dirname(__file__), "page_test.mjs")], env=environment,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        # The browser says what should happen in the source meanwhile, a word a line.
        for line in browser.stdout:
            word = line.strip()
            print(word)
            if word == "write":
                site.write("note-0.txt", "floor number zero\n")
            elif word == "skip":
                site.write("picture.txt", b"\x00\x01\x02\xff" * 64)
            elif word == "kill":
                site.kill()
        return browser.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
