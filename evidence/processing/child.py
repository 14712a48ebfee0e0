"""The child that runs steps: `python -m evidence.processing.child`, its work as JSON on stdin, its progress on a pipe.

It works through the steps in order. One that raises is recorded and the next begins; one that takes the process down is
recorded by the parent, which starts another child for the rest.
"""

import errno
import importlib
import json
import os
import sys
import time
from pathlib import Path

from evidence.processing.limits import Limits, allow_cpu, confine
from evidence.processing.results import Facts, Failed, Job, NotDone, Outcome


def main() -> None:
    work = json.loads(sys.stdin.buffer.read())
    pipe = os.fdopen(int(sys.argv[1]), "w", buffering=1)
    limits = Limits(**work["limits"])
    confine(limits)
    os.chdir(work["out"])
    registry = importlib.import_module(work["registry"])
    modules = {module.NAME: module for module in registry.STEPS}
    facts = Facts(**work["facts"])
    for name in work["steps"]:
        module = modules[name]
        if not module.applies(facts):
            print(json.dumps({"skipped": name}), file=pipe)
            continue
        print(json.dumps({"begun": name}), file=pipe)
        allow_cpu(module.SECONDS * limits.patience * 2)
        outcome = _run(module, work, facts)
        (Path(work["out"]) / f"{name}.json").write_text(outcome.to_json(), encoding="utf-8")
        print(json.dumps({"ended": name}), file=pipe)
        if outcome.state == "done":
            facts = Facts(
                media_type=outcome.media_type or facts.media_type,
                size=facts.size,
                ending=facts.ending,
                results={**facts.results, name: outcome.found},
            )


def _run(module, work: dict, facts: Facts) -> Outcome:
    out = Path(work["out"]) / module.NAME
    out.mkdir(exist_ok=True)
    begun = time.monotonic()
    try:
        outcome = module.run(Job(Path(work["path"]), out, facts, work["options"]))
    except Failed as error:
        outcome = Outcome(state="failed", reason=error.reason, detail=error.detail)
    except NotDone as error:
        outcome = Outcome(state="not_done", reason=error.reason, detail=error.detail)
    except MemoryError:
        outcome = Outcome(state="failed", reason="memory")
    except OSError as error:
        reason = "too_large" if error.errno in (errno.EFBIG, errno.ENOSPC) else "damaged"
        outcome = Outcome(state="failed", reason=reason, detail=type(error).__name__)
    except RecursionError:
        outcome = Outcome(state="failed", reason="too_deep")
    except Exception as error:
        # The words of a library can quote what it read: only the kind of error is told.
        outcome = Outcome(state="failed", reason="damaged", detail=type(error).__name__)
    outcome.step, outcome.seconds = module.NAME, round(time.monotonic() - begun, 3)
    return outcome


if __name__ == "__main__":
    main()
