"""The bar of a stage at a terminal: how far, how long still, what was done last."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
)
from rich.table import Column
from rich.text import Text

from qc_pipeline.cli.card_text import plain
from qc_pipeline.report.words.translate import Translator

_WIDE = 60
_STEPS_BEFORE_TOLD = 3


class ProgressBar:
    """One stage's bar on stderr. It stands from the start to `close`, under what is said."""

    def __init__(self, name: str, total: int, language: str) -> None:
        t = Translator(language)
        # Whoever asks for a bar has seen the terminal; FORCE_COLOR= must not hide it.
        console = Console(file=sys.stderr, force_terminal=True, highlight=False)
        last = Column(ratio=1, no_wrap=True, overflow="ellipsis")
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20 if console.width >= _WIDE else 8),
            MofNCompleteColumn(),
            TimeLeft(t),
            TextColumn("{task.fields[last]}", markup=False, table_column=last),
            console=console,
            transient=True,
            expand=True,
            redirect_stdout=False,  # what goes to stdout may go to a file
        )
        word = t.or_raw("progress_stage", name.replace(" ", "-"))
        self._task = self._bar.add_task(word, total=total, last="", steps_s=())
        self._bar.start()
        # A job that is killed leaves no terminal without a cursor.
        console.show_cursor(True)

    def step(self, last: str) -> None:
        """One more is done, and what is to be said of it."""
        now_s = self._bar.tasks[0].elapsed or 0.0
        first_s = self._bar.tasks[0].fields["steps_s"][:1]
        steps_s = (*(first_s or (now_s,)), now_s)
        self._bar.update(self._task, advance=1, last=plain(last), steps_s=steps_s)

    def say(self, text: str) -> None:
        """Lines above the bar, whole, as they are: no markup, no control characters."""
        for line in text.splitlines():
            self._bar.console.print(Text(plain(line)), soft_wrap=True)

    def close(self) -> None:
        """Take the bar away without a trace."""
        self._bar.stop()


class TimeLeft(ProgressColumn):
    """By the mean of all steps after the first, which waited for a model to load, less what has
    passed since the last. A call takes minutes; rich's own estimate looks back over half a minute.
    """

    def __init__(self, t: Translator) -> None:
        super().__init__(Column(no_wrap=True))
        self._t = t

    def render(self, task: Task) -> Text:
        t = self._t
        done, total, elapsed_s = task.completed, task.total, task.elapsed
        if done < _STEPS_BEFORE_TOLD or total is None or elapsed_s is None:
            return Text(t("progress_bar.unknown"), style="progress.remaining")
        first_s, last_s = task.fields["steps_s"]
        mean_s = (last_s - first_s) / (done - 1)
        left_s = mean_s * (total - done) - (elapsed_s - last_s)
        minutes, seconds = divmod(round(max(0.0, left_s)), 60)
        hours, minutes = divmod(minutes, 60)
        time = f"{hours}:{minutes:02}:{seconds:02}"
        return Text(t("progress_bar.left", time=time), style="progress.remaining")
