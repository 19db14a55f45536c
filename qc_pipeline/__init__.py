"""qc-pipeline: weekly quality inspection of call recordings, traceable to seconds of audio."""

import os

# Read once, when numpy is loaded. Its matrix products are small here: threads cost more than they
# bring, and several processes would share the cores several times over.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
