"""A file system of a few megabytes that a test can fill: a tmpfs in a mount namespace of this process's own, which goes
with it.

  enter_own_mounts();  disk = SmallDisk(folder, "96m");  disk.fill();  disk.make_room()
"""
import os, subprocess, sys

SKIPPED = 77


def enter_own_mounts():
    """Runs this script again in a mount namespace of its own; ends it as skipped, aloud, where that is not allowed."""
    if os.environ.pop("FRESHET_OWN_MOUNTS", None):
        return
    may = subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", "mount -t tmpfs tmpfs /mnt"],
                         capture_output=True)
    if may.returncode != 0:
        print("SKIPPED: a full disk needs the right to mount a tmpfs")
        sys.exit(SKIPPED)
    os.environ["FRESHET_OWN_MOUNTS"] = "1"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])


class SmallDisk:
    def __init__(self, folder, size):
        self.folder = folder
        os.makedirs(folder)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def free(self):
        return os.statvfs(self.folder).f_bavail * os.statvfs(self.folder).f_frsize

    def fill(self):
        """To the last byte, and what is freed meanwhile too."""
        with open(self.path("ballast"), "ab", buffering=0) as ballast:
            for size in (1 << 20, 4096):
                try:
                    while True:
                        ballast.write(b"\0" * size)
                except OSError:
                    pass

    def make_room(self):
        os.unlink(self.path("ballast"))
