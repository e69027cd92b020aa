"""Run a worker job and write the processor time it took: python usage.py OUT.json JOB.json"""

import json
import resource
import subprocess
import sys

subprocess.run([sys.executable, "-m", "longrecipe_worker", sys.argv[2]], check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump({"seconds": used.ru_utime + used.ru_stime}, file)
