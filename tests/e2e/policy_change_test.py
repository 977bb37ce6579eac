"""A collection gets a stricter policy: what the old one let through is gone from answers at once, and comes back clean.

  policy_change_test.py build/dev/bin/freshet build/dev/e2e/PolicyChange
"""
import sys, time

from running_site import Site

NUMBER = "617-555-0147"


def main():
    site = Site(*sys.argv[1:3], policy="none")
    site.start()
    for i in range(12):  # more than the mass-delete guard lets go by itself
        site.write(f"note{i}.txt", f"Note {i}. The daughter is reached at {NUMBER} about the wheelchair.")
    site.wait(lambda: len(site.found("wheelchair")) == 12, "all notes are found")
    assert NUMBER in str(site.search("wheelchair")), "policy none removes nothing"
    site.stop()
    with open(site.path("freshet.yaml")) as f:
        text = f.read()
    with open(site.path("freshet.yaml"), "w") as f:
        f.write(text.replace("deidentify: none", "deidentify: safe_harbor"))
    site.start()
    end = time.monotonic() + 60
    while True:
        answer = site.search("wheelchair")
        assert NUMBER not in str(answer), "the old policy's text is still shown"
        clean = [hit for hit in answer["hits"] if "[PHONE]" in hit["text"]]
        if len(clean) == 12:
            break
        assert time.monotonic() < end, answer
        time.sleep(0.05)
    site.stop()
    print("nothing of the old policy was shown; all 12 came back clean")


if __name__ == "__main__":
    main()
