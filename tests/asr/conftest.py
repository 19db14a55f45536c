"""Before any test loads the recogniser: the environment it runs in outside the tests, too."""

from qc_pipeline.audio.runtime import prepare_runtime

prepare_runtime()
