#!/usr/bin/env python3
"""The door of the command line. Needs nothing installed: `up`, `test` and `check_all` make the environment first.

Written so that an older Python reads it far enough to say that it is too old.
"""

import os
import sys

BASE = os.path.dirname(os.path.abspath(__file__))
OLDEST = (3, 11)
# Commands that see to the environment on every call, and which lock file they need; the others only need one to exist.
PREPARED = {
    "up": "requirements.lock",
    "test": "requirements-dev.lock",
    "check_all": "requirements-dev.lock",
    "bench": "requirements-dev.lock",
    "generate": "requirements.lock",
    "screenshots": "requirements-dev.lock",
}


def main():
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if sys.version_info < OLDEST:
        sys.exit(
            "This needs Python 3.11 or newer, this is {}.{}. On Debian and Ubuntu install the packages python3.11 and "
            "python3.11-venv, then run: python3.11 manage.py {}".format(*sys.version_info[:2], command)
        )
    from repository import bootstrap

    lock = PREPARED.get(command)
    try:
        changed = bootstrap.ensure(lock or "requirements.lock", thorough=lock is not None)
    except bootstrap.BootstrapFailed as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Stopped; the next start goes on from here.")
    if changed or not bootstrap.is_inside():
        python = str(bootstrap.PYTHON)
        os.execv(python, [python, os.path.join(BASE, "manage.py"), *sys.argv[1:]])
    if command == "up":
        from repository.runtime import supervisor

        sys.exit(supervisor.main(sys.argv[2:]))
    if command == "backup":
        from repository.runtime import backing_up

        sys.exit(backing_up.main(sys.argv[2:]))
    if command == "restore":
        from repository.runtime import restoring

        sys.exit(restoring.main(sys.argv[2:]))
    if command in PREPARED:
        from repository.runtime import developing

        sys.exit(getattr(developing, command)(sys.argv[2:]))
    from repository.runtime import commands

    commands.run(sys.argv)


if __name__ == "__main__":
    main()
