"""Verbs on verifications of the whole ledger: somebody asks, a worker checks, the outcome is an entry."""

from accounts.models import User
from custody import ledger, verification_runs
from custody.verification_runs import Run

VERIFIER = ledger.Service("verifier")
recent = verification_runs.recent


@ledger.verb
def request(*, by: User) -> Run:
    """Ask for a verification; one that waits already serves everybody who asks."""
    run = verification_runs.ask(by.pk)
    ledger.append("verification.requested", ledger.Subject("verification", run.id))
    return run


@ledger.verb
def finish(*, by, run: Run, size: int, findings: list) -> None:
    """Keep what a verification found; the entry names the checks that do not hold."""
    verification_runs.finish(run, size, findings)
    failed = sorted({finding.check for finding in findings if not finding.holds})
    about = ledger.Subject("verification", run.id)
    ledger.append("verification.finished", about, data={"size": size, "holds": not failed, "failed": failed})


def run_pending() -> int:
    """Do what waits, one after the other; how many were done."""
    done = 0
    while run := verification_runs.claim():
        size, findings = verification_runs.check()
        finish(by=VERIFIER, run=run, size=size, findings=findings)
        done += 1
    return done
