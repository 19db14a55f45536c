"""Speech without words on a call's page: on the time line, in the transcript, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from qc_pipeline.call import Speaker, Unheard, UnheardReason
from qc_pipeline.report.inputs import ReportInputs
from qc_pipeline.report.view import build_view
from qc_pipeline.report.write.render import write_report
from tests.report.inputs import Shape, week
from tests.report.made_talk import partly_unheard


@pytest.fixture(scope="module")
def inputs() -> ReportInputs:
    made = week(Shape(calls=3, teams=1, agents=1))
    return replace(made, transcripts={k: partly_unheard(t) for k, t in made.transcripts.items()})


def call_pages(inputs: ReportInputs, folder: Path) -> list[tuple[str, str]]:
    """Each scored call's recording and page."""
    view = build_view(inputs)
    write_report(view, folder)
    return [(c.recording_id, (folder / c.page).read_text("utf-8")) for c in view.calls]


@pytest.mark.parametrize(
    ("language", "first", "second", "summary"),
    [
        (
            "zh",
            "（没听清：识别器重复循环，已删去，1.5 秒）",
            "（没听清：有人说话，没有听出文字，2.0 秒）",
            "没听清 2 处，共 3.5 秒。",
        ),
        (
            "en",
            "(not heard: the recogniser looped, taken out, 1.5 s)",
            "(not heard: somebody speaks, no words were understood, 2.0 s)",
            "2 stretches not heard, 3.5 s together.",
        ),
    ],
)
def test_each_stretch_stands_once_on_the_line_and_once_in_the_text(
    inputs: ReportInputs, tmp_path: Path, language: str, first: str, second: str, summary: str
) -> None:
    inputs = replace(inputs, options=replace(inputs.options, language=language))
    pages = call_pages(inputs, tmp_path / "r")
    assert len(pages) >= 2
    for recording, text in pages:
        heard = inputs.transcripts[recording]
        assert heard.unheard is not None
        spans = sorted((u.start_s, u.end_s) for us in heard.unheard.values() for u in us)
        lines = re.findall(
            r'<li class="(\w+) unheard" id="n\d" data-s="([\d.]+)" data-e="([\d.]+)">'
            r'.*?<span class="say">(.*?)</span>',
            text,
        )
        assert [(who, float(a), float(b)) for who, a, b, _ in lines] == [
            ("agent", *spans[0]),
            ("customer", *spans[1]),
        ]
        assert [say for *_, say in lines] == [first, second]
        starts = [float(s) for s in re.findall(r'<li [^>]*data-s="([\d.]+)"', text)]
        assert len(starts) == len(heard.turns) + 2
        assert starts == sorted(starts)

        marks = re.findall(
            r'<g class="unheard (\w+)" data-t="([\d.]+)"><title>([^<]*)</title>'
            r'<rect class="hollow" x="([\d.]+)%" y="(\d+)" width="([\d.]+)%"',
            text,
        )
        assert [(who, float(at)) for who, at, *_ in marks] == [
            ("agent", spans[0][0]),
            ("customer", spans[1][0]),
        ]
        for mark, (start_s, end_s), say in zip(marks, spans, (first, second), strict=True):
            assert say[1:-1] in mark[2]
            assert float(mark[3]) == pytest.approx(start_s / heard.duration_s * 100, abs=0.01)
            length = (end_s - start_s) / heard.duration_s * 100
            assert float(mark[5]) == pytest.approx(max(length, 0.5), abs=0.01)
        # The agent's lane lies above the customer's.
        assert int(marks[0][4]) < int(marks[1][4])
        label = re.search(r'aria-label="([^"]*)"[^>]*data-total', text)
        assert label is not None and summary in label[1]
        assert text.count('id="hatch"') == 1 and 'class="key unheard"' in text
        assert re.search(rf'<p class="small heard">[^<]*\d%[^<]*{re.escape(summary)}</p>', text)


def test_a_page_of_a_call_heard_whole_has_no_marks_and_one_not_known_says_so(
    inputs: ReportInputs, tmp_path: Path
) -> None:
    recording = min(inputs.scorecards)
    heard = inputs.transcripts[recording]
    for name, unheard, told in (
        ("whole", dict.fromkeys(heard.speech, ()), "坐席听清 100%，客户 100%。"),
        ("unknown", None, "听清多少未知：文字没有与录音核对过。"),
    ):
        shown = replace(
            inputs, transcripts={**inputs.transcripts, recording: replace(heard, unheard=unheard)}
        )
        text = dict(call_pages(shown, tmp_path / name))[recording]
        assert "hatch" not in text.partition("<main")[2]
        assert 'class="key unheard"' not in text
        assert f'<p class="small heard">{told}</p>' in text


def test_a_stretch_of_a_second_in_an_hour_is_still_to_be_seen(
    inputs: ReportInputs, tmp_path: Path
) -> None:
    recording = min(inputs.scorecards)
    long = replace(inputs.transcripts[recording], duration_s=3600.0)
    shown = replace(inputs, transcripts={**inputs.transcripts, recording: long})
    text = dict(call_pages(shown, tmp_path / "r"))[recording]
    assert re.findall(r'class="hollow" [^>]*width="([\d.]+)%"', text) == ["0.50", "0.50"]


def test_a_part_that_was_not_read_is_no_silence(inputs: ReportInputs, tmp_path: Path) -> None:
    """Six seconds after the last word, and the same six again not read; and one second of them."""
    recording = min(inputs.scorecards)
    heard = inputs.transcripts[recording]
    end_s = heard.turns[-1].end_s
    later = replace(heard.turns[-1], start_s=end_s + 6.0, end_s=end_s + 7.0, words=())
    longer = replace(
        heard,
        turns=(*heard.turns, later),
        duration_s=end_s + 8.0,
        speech={
            **heard.speech,
            later.speaker: (*heard.speech[later.speaker], (later.start_s, later.end_s)),
        },
    )
    found = []
    for number, until_s in enumerate((0.0, 1.0, 6.0)):
        lost = Unheard(start_s=end_s, end_s=end_s + until_s, reason=UnheardReason.NOT_READ)
        told = replace(longer, unheard={Speaker.AGENT: (lost,) if until_s else ()})
        shown = replace(inputs, transcripts={**inputs.transcripts, recording: told})
        text = dict(call_pages(shown, tmp_path / str(number)))[recording]
        found.append(re.findall(r'class="silence" [^>]*><title>([^<]*)', text))
    assert found[0][-1] == "静默 6.0 秒"
    assert found[1][-1] == "静默 5.0 秒" and len(found[1]) == len(found[0])
    assert found[2] == found[0][:-1]
