"""One step of `benchmarks.intake` in a process of its own: its seconds, without imports, and its peak of memory."""

import json
import resource
import sys
import time

from benchmarks import intake_rivals, intake_work


def main() -> None:
    """Run the step named and print what it took as JSON."""
    work, *arguments = sys.argv[1:]
    step = getattr(intake_work, work, None) or getattr(intake_rivals, work)
    run = step(*arguments)
    start = time.perf_counter()
    said = run()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "said": str(said)}))


if __name__ == "__main__":
    main()
