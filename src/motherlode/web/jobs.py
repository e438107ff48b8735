"""Long work started from the page: each job is its own process, so that the page can come and go.

A job is a folder: ``job.json`` (what was asked), ``study.toml``, ``process.json`` (who does it), ``outcome.json``
(how it ended). Its progress is the run's own. A service that restarts finds its jobs as they are.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from motherlode.errors import BadInput, UnknownName

KINDS: Final = {"hunt": ("hunt",)}
MOST_AT_ONCE: Final = 1  # a hunt uses every core


@dataclass(frozen=True)
class Job:
    """One piece of long work as the page shows it."""

    id: str
    kind: str
    run: str
    state: str  # running, done, failed, cancelled, interrupted
    stage: str
    done: int
    total: int
    message: str


class Jobs:
    """The jobs of one workspace."""

    def __init__(self, workspace: Path, progress: Any):
        """workspace: folder of the runs. progress: function of a run's name giving (stage, done, total)."""
        self.folder, self.workspace, self.progress = workspace / ".jobs", workspace, progress

    def all(self) -> list[Job]:
        """Every job, newest first."""
        files = sorted(self.folder.glob("*/job.json"), key=lambda path: path.stat().st_mtime, reverse=True)
        return [self.job(path.parent.name) for path in files]

    def job(self, id: str) -> Job:
        """One job as it stands."""
        folder = self._place(id)
        asked = json.loads((folder / "job.json").read_text())
        state, message = self._state(folder)
        stage, done, total = self.progress(asked["run"])
        return Job(id, asked["kind"], asked["run"], state, stage, done, total, message)

    def start(self, kind: str, run: str, study: str) -> Job:
        """Start a job of a study, already checked, under the name of its run."""
        if kind not in KINDS:
            raise UnknownName("kind of job", kind, list(KINDS))
        self._refuse_if_busy()
        id = secrets.token_hex(6)
        folder = self.folder / id
        folder.mkdir(parents=True)
        (folder / "study.toml").write_text(study)
        _write(folder / "job.json", {"kind": kind, "run": run})
        self._launch(folder, kind)
        return self.job(id)

    def resume(self, id: str) -> Job:
        """Go on with a job that was cancelled, failed or was interrupted; finished chunks are kept."""
        folder = self._place(id)
        if self._state(folder)[0] in {"running", "done"}:
            raise BadInput(f"job {id} is {self._state(folder)[0]}; only one that stopped early can be resumed")
        self._refuse_if_busy()
        for name in ("outcome.json", "cancelled"):
            (folder / name).unlink(missing_ok=True)
        self._launch(folder, json.loads((folder / "job.json").read_text())["kind"])
        return self.job(id)

    def cancel(self, id: str) -> Job:
        """Stop a running job between two chunks."""
        folder = self._place(id)
        if self._state(folder)[0] == "running":
            (folder / "cancelled").touch()
            os.killpg(json.loads((folder / "process.json").read_text())["pid"], signal.SIGTERM)
        return self.job(id)

    def _place(self, id: str) -> Path:
        if not (id.isalnum() and (self.folder / id / "job.json").is_file()):
            raise UnknownName("job", id, [path.parent.name for path in self.folder.glob("*/job.json")])
        return self.folder / id

    def _refuse_if_busy(self) -> None:
        running = [job for job in self.all() if job.state == "running"]
        if len(running) >= MOST_AT_ONCE:
            raise BadInput(f"{running[0].run} is still running; wait for it or cancel it, then start again")

    def _launch(self, folder: Path, kind: str) -> None:
        command = [sys.executable, "-m", "motherlode.web.jobs", str(folder), str(self.workspace), *KINDS[kind]]
        process = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)
        _write(folder / "process.json", {"pid": process.pid, "started": _started(process.pid)})

    def _state(self, folder: Path) -> tuple[str, str]:
        if (folder / "outcome.json").exists():
            outcome = json.loads((folder / "outcome.json").read_text())
            if (folder / "cancelled").exists():
                return "cancelled", ""
            return ("done" if outcome["code"] == 0 else "failed"), outcome["message"]
        try:
            process = json.loads((folder / "process.json").read_text())
        except FileNotFoundError:
            return "interrupted", "it was never started"
        if _started(process["pid"]) == process["started"]:
            return "running", ""
        return ("cancelled", "") if (folder / "cancelled").exists() else ("interrupted", "it can be resumed")


def _started(pid: int) -> str:
    """When a process started, so that a reused number is not taken for it; empty where it is gone."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # a child that ended must not look alive
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return "" if fields[0] == "Z" else fields[19]
    except FileNotFoundError:
        return _alive(pid)


def _alive(pid: int) -> str:
    """Whether a process is there at all, on a system without /proc."""
    if Path("/proc/self").exists():
        return ""
    try:
        os.kill(pid, 0)
    except OSError:
        return ""
    return "alive"


def _write(path: Path, content: Any) -> None:
    fresh = path.with_suffix(".tmp")
    fresh.write_text(json.dumps(content))
    fresh.replace(path)


def main(folder: str, workspace: str, *command: str) -> None:
    """Do one job: run the command on its study and write down how it ended."""
    here = Path(folder).resolve()
    words = [sys.executable, "-m", "motherlode", *command, str(here / "study.toml"), "--runs", workspace, "--quiet"]
    signal.signal(signal.SIGTERM, lambda *_: None)  # the command gets it too, and stops between two chunks
    done = subprocess.run(words, capture_output=True, text=True)
    lines = done.stderr.strip().splitlines()
    _write(
        here / "outcome.json", {"code": done.returncode, "message": lines[-1] if lines and done.returncode else ""}
    )


def as_json(job: Job) -> dict[str, Any]:
    """A job as the page reads it."""
    return asdict(job)


if __name__ == "__main__":
    main(*sys.argv[1:])
