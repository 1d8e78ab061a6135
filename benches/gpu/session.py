"""What every part works with: processes that end, rows that are kept at once, the time that is left."""

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import report

ROOT = Path(__file__).resolve().parents[2]
# Each process that uses the GPU takes its time to start, so several start at once.
WORKERS = 6


class Failed(Exception):
    """A row that failed; `said` is what the process printed before."""

    def __init__(self, why, said=""):
        super().__init__(why)
        self.said = said


class Session:
    def __init__(self, args, folder):
        self.evz = args.evz.resolve()
        self.recordings, self.forged = args.recordings, args.forged
        self.short, self.dry, self.out = args.short, args.dry, args.out
        self.folder, self.timeout_s = folder, self.size(90, 40, 60)
        self.found = {"evz": str(args.evz), "short": args.short, "dry": args.dry, "parts": {}}
        self.part, self.deadline = None, None
        self.lock, self.children, self.ending = threading.RLock(), set(), False

    def size(self, full, short, dry):
        return dry if self.dry else short if self.short else full

    def left_s(self):
        return self.deadline - time.monotonic()

    # Processes.

    def run(self, *command, ok=(0,)):
        """What a process prints. It fails with its last line on stderr."""
        return self.run_in({}, *command, ok=ok)[0]

    def run_in(self, env, *command, ok=(0,)):
        """What a process prints and says, with more variables in its environment."""
        status, out, err = self.ended(env, *command)
        if status not in ok:
            raise Failed(f"exit status {status}: {last_line(err) or last_line(out)}", out)
        return out, err

    def ended(self, env, *command):
        """The exit status of a process, what it prints and what it says."""
        command = [str(word) for word in command]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": {**os.environ, **env}}
        with self.lock:
            if self.ending:
                raise Failed("the check was ended")
            child = subprocess.Popen(
                command, text=True, errors="replace", start_new_session=True, **pipes
            )
            self.children.add(child)
        try:
            out, err = child.communicate(timeout=self.timeout_s)
        except subprocess.TimeoutExpired:
            out, err = end(child)
            raise Failed(f"no end after {self.timeout_s} s. {last_line(err)}", out) from None
        finally:
            self.children.discard(child)
        return child.returncode, out, err

    def run_evz(self, *args):
        # 3 is done, with something left out that was said.
        return self.run(self.evz, *args, ok=(0, 3))

    def evz_json(self, *args):
        return json.loads(self.run_evz(*args, "--json"))

    def synth(self, name, profile, size, events):
        out = self.folder / f"{name}-{profile}.evz"
        if not out.exists():
            made = ["--size", size, "--events", events, "--profile", profile]
            self.run_evz("synth", out, *made)
        return out

    def at_once(self, works):
        """Calls each of `works`, several at a time."""
        pool = ThreadPoolExecutor(WORKERS)
        try:
            for done in [pool.submit(work) for work in works]:
                done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def end_all(self):
        with self.lock:
            self.ending = True
            for child in list(self.children):
                end(child)

    # Results.

    def begin(self, part, deadline):
        self.part, self.deadline = {"rows": []}, deadline
        self.found["parts"][part] = self.part

    def row(self, name, work, needs_s=0):
        """Keeps what `work` returns, or why it returned nothing."""
        if self.left_s() <= needs_s:
            return self.skip(name, "no time left")
        try:
            values = work()
        except Failed as why:
            values = {"failed": str(why)}
        except Exception as why:
            values = {"failed": f"{type(why).__name__}: {why}"}
        self.keep({"name": name, **values})

    def skip(self, name, why):
        self.keep({"name": name, "skipped": why})

    def keep(self, row):
        with self.lock:
            if self.ending:
                return
            self.part["rows"].append(row)
            self.save()

    def save(self):
        with self.lock:
            replace(self.out / "gpu.json", json.dumps(self.found, indent=1) + "\n")
            replace(self.out / "gpu.md", report.markdown(self.found))


def replace(path, text):
    new = path.with_name(path.name + ".new")
    new.write_text(text)
    os.replace(new, path)


def end(child):
    """Ends a process with all that it started, and returns what it said."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
        return child.communicate(timeout=5)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        # A process that hangs in a driver may not end, and is left behind.
        return "", ""


def last_line(text):
    return (text.strip().splitlines() or [""])[-1][:300]


def find(tool, *patterns):
    """Where a tool is, by PATH or else by patterns below /; None if it is not installed."""
    places = [path for pattern in patterns for path in sorted(Path("/").glob(pattern))]
    return shutil.which(tool) or next(iter(places), None)
