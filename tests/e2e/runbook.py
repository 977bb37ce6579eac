"""A page of runbooks/, followed as an operator would: its own commands, in its own order.

  page = Page("alerts/FreshetConnectorDown", site, SOURCE="files")
  page.confirm()                  # what the commands under "How to confirm" say
  page.do()                       # and under "What to do"; each must succeed
  page.is_over()                  # whether all commands under "How to know it is over" succeed
"""
import os, re, shutil, subprocess

from running_site import TOKEN


class Page:
    def __init__(self, name, site, **variables):
        self.name, self.site, self.variables = name, site, variables
        with open(f"runbooks/{name}.md", encoding="utf-8") as file:
            self.text = file.read()

    def commands(self, title):
        found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", self.text, re.S | re.M)
        blocks = re.findall(r"```sh\n(.*?)```", found.group(1), re.S)
        return [line for block in blocks for line in block.strip().split("\n")]

    def run(self, command):
        environment = {**os.environ, "TOKEN": TOKEN, "URL": f"http://127.0.0.1:{self.site.port}", **self.variables}
        environment["PATH"] = os.path.dirname(self.site.binary) + ":" + environment["PATH"]
        return subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=self.site.directory, env=environment,
                              capture_output=True, text=True, timeout=300)

    def confirm(self):
        """Output of all of them, of which one at least must have something to say (a counter that nobody counted is silent). A
        program that this machine lacks is passed over, aloud."""
        said = []
        for command in self.commands("How to confirm"):
            program = command.split()[0]
            if program != "freshet" and shutil.which(program) is None:
                print(f"SKIPPED: {self.name}: this machine has no {program}")
                continue
            done = self.run(command)
            assert done.returncode not in (126, 127), (self.name, command, done.stderr)
            said.append(done.stdout + done.stderr)
        assert any(text.strip() for text in said), f"{self.name}: its commands say nothing"
        return "\n".join(said)

    def do(self, before=lambda command: None, only=""):
        """Where the page gives a choice, those with `only` in them."""
        commands = [command for command in self.commands("What to do") if only in command]
        assert commands, f"{self.name}: no commands under What to do"
        for command in commands:
            before(command)
            done = self.run(command)
            assert done.returncode == 0, (self.name, command, done.returncode, done.stdout, done.stderr)

    def is_over(self):
        commands = self.commands("How to know it is over")
        assert commands, f"{self.name}: no commands under How to know it is over"
        return all(self.run(command).returncode == 0 for command in commands)
