"""The report in a real Chromium: what a lead does with it, and whether everybody can read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.call import Speaker
from qc_pipeline.report.inputs import Appeal, ReportInputs
from qc_pipeline.report.pages.call import call_page
from qc_pipeline.report.view import View, build_view
from qc_pipeline.report.write.render import write_report
from tests.browsing import NEEDS_BROWSER, make_wave, open_page, wait_until
from tests.report.inputs import Shape, appeal_facts, week
from tests.report.made_talk import partly_unheard

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def inputs() -> ReportInputs:
    made = week(Shape(calls=40, past_weeks=7))
    return replace(made, transcripts={k: partly_unheard(t) for k, t in made.transcripts.items()})


@pytest.fixture(scope="module")
def view(inputs: ReportInputs) -> View:
    return build_view(inputs)


@pytest.fixture(scope="module")
def folder(view: View, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("browser") / "report"
    write_report(view, place, make_clip=make_wave)
    return place


def test_lead_opens_sorts_filters_and_plays_from_a_deduction(browser: Any, folder: Path) -> None:
    page, wrong = open_page(browser, folder / "index.html")
    calls = page.locator("#calls")
    calls.get_by_role("button", name="得分").click()
    calls.get_by_role("button", name="得分").click()
    scores = calls.locator("tbody tr:visible td[data-v]:nth-child(5)").all_inner_texts()
    assert len(scores) > 5
    assert [float(s) for s in scores] == sorted(float(s) for s in scores)
    calls.locator("select[data-key=team]").select_option("二组")
    teams = calls.locator("tbody tr:visible td:nth-child(2)").all_inner_texts()
    assert teams and set(teams) == {"二组"}
    calls.locator("select[data-key=team]").select_option("")
    page.locator(".problems article h3 a").first.click()
    page.wait_for_url("**/calls/*.html")
    link = page.locator(".fault blockquote a.at").first
    at = float(link.get_attribute("href").removeprefix("#t="))
    link.click()
    playing = "[...document.querySelectorAll('audio')].find(a => !a.paused && a.currentTime > 0)"
    wait_until(page, f"Boolean({playing})")
    sound = page.evaluate(f"(a => a.currentTime + Number(a.dataset.start))({playing})")
    assert sound >= at - 0.1
    page.wait_for_selector(".turns li.now")
    page.evaluate("document.querySelectorAll('audio').forEach(a => a.pause())")
    page.get_by_role("link", name="返回报告").click()
    page.wait_for_url("**/index.html*")
    assert wrong == []
    page.close()


def test_place_on_the_page_of_an_objection_plays_there(browser: Any, tmp_path: Path) -> None:
    made = week(Shape(calls=12))
    key, criterion, at = next(
        (k, r.id, r.evidence[0].start_s)
        for k, card in sorted(made.scorecards.items())
        for r in card.criteria()
        if r.verdict == "fail" and r.evidence
    )
    objection = Appeal(
        recording_id=key,
        criterion_id=criterion,
        reason="听错",
        opened_on=date(2026, 11, 23),
        facts=appeal_facts(made.scorecards[key], number=1),
    )
    write_report(
        build_view(replace(made, objections=(objection,))), tmp_path / "r", make_clip=make_wave
    )
    page, wrong = open_page(browser, tmp_path / "r" / "index.html")
    page.locator("#own-objections").get_by_role("link", name="异议 1").click()
    page.wait_for_url("**/appeals/1.html")
    page.locator(".fault blockquote a.at").first.click()
    playing = "[...document.querySelectorAll('audio')].find(a => !a.paused && a.currentTime > 0)"
    wait_until(page, f"Boolean({playing})")
    assert page.evaluate(f"(a => a.currentTime + Number(a.dataset.start))({playing})") >= at - 0.1
    page.evaluate("document.querySelectorAll('audio').forEach(a => a.pause())")
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    page.get_by_role("link", name="打开录音页").click()
    page.wait_for_url("**/calls/*.html")
    page.locator("#objections").get_by_role("link", name="异议 1").click()
    page.wait_for_url("**/appeals/1.html")
    page.get_by_role("link", name="返回报告").click()
    page.wait_for_url("**/index.html#objections-part")
    assert wrong == []
    page.close()


def test_click_on_a_word_takes_the_sound_there_and_lights_it(
    browser: Any, view: View, folder: Path
) -> None:
    call = next(c for c in view.calls if c.recording_id in view.clip_calls)
    page, wrong = open_page(browser, folder / call.page)
    # Held where it is sent to, so that a slow machine does not run past the word.
    page.evaluate(
        "document.querySelectorAll('audio').forEach(a => { a.play = () => Promise.resolve(); })"
    )
    word = page.locator(".turns .w").nth(7)
    word.click()
    at = float(word.get_attribute("data-t"))
    player = "document.querySelector('audio')"
    sound = f"({player}.currentTime + Number({player}.dataset.start))"
    wait_until(page, f"Math.abs({sound} - {at}) < 0.05")
    wait_until(page, "document.querySelectorAll('.turns .w.now').length === 1")
    assert page.locator(".turns .w.now").get_attribute("data-t") == word.get_attribute("data-t")
    assert wrong == []
    page.close()


def test_click_on_a_hatched_stretch_takes_the_sound_there_and_lights_its_line(
    browser: Any, inputs: ReportInputs, view: View, folder: Path
) -> None:
    """A stretch that a clip holds; on the time line and in the transcript."""
    where = (
        (c, u)
        for c in view.calls
        for u in (inputs.transcripts[c.recording_id].unheard or {})[Speaker.AGENT]
        for p in call_page(view.model, c, with_clips=c.recording_id in view.clip_calls).plan
        if p.start_s <= u.start_s < p.end_s
    )
    call, stretch = next(where)
    page, wrong = open_page(browser, folder / call.page)
    page.evaluate(
        "document.querySelectorAll('audio').forEach(a => { a.play = () => Promise.resolve(); })"
    )
    sounds = "[...document.querySelectorAll('audio')]"
    heard_at = f"{sounds}.map(a => a.currentTime + Number(a.dataset.start))"
    moved = f"{heard_at}.some(t => Math.abs(t - {stretch.start_s}) < 0.05)"
    line = page.locator(".turns li.unheard.agent")
    for click in (
        lambda: page.locator(".timeline .unheard.agent .hatched").click(),
        lambda: line.get_by_role("button").click(),
    ):
        page.evaluate(f"{sounds}.forEach(a => {{ a.currentTime = 3; }})")
        wait_until(page, f"!({moved})")
        click()
        wait_until(page, moved)
        assert "now" in line.get_attribute("class").split()
    assert wrong == []
    page.close()


def test_link_to_a_second_opens_its_turn(
    browser: Any, inputs: ReportInputs, view: View, folder: Path
) -> None:
    call = view.calls[0]
    heard = inputs.transcripts[call.recording_id]
    target = heard.turns[5]
    page, _ = open_page(browser, folder / call.page)
    page.goto(f"{(folder / call.page).as_uri()}#t={target.start_s + 0.1:.2f}")
    page.reload()
    page.wait_for_selector(".turns li.now")
    assert page.locator(".turns li.now").get_attribute("id") == "u5"
    page.close()


def test_pareto_bar_leads_to_its_calls(browser: Any, folder: Path) -> None:
    page, _ = open_page(browser, folder / "index.html")
    link = page.locator("a[data-pick]").nth(1)
    title = link.get_attribute("data-pick")
    link.click()
    found = page.locator("#drill tbody tr:visible td:nth-child(2)").all_inner_texts()
    assert found and set(found) == {title}
    page.close()


def test_search_finds_and_says_when_nothing_fits(browser: Any, folder: Path) -> None:
    page, _ = open_page(browser, folder / "index.html")
    box = page.locator("#calls input[type=search]")
    box.fill("投诉 一组")
    rows = page.locator("#calls tbody tr:visible").all_inner_texts()
    assert rows and all("投诉" in r and "一组" in r for r in rows)
    box.fill("没有这样的录音")
    assert page.locator("#calls .none").is_visible()
    page.close()


SCREENS = [(width, scheme) for width in (390, 1280) for scheme in ("light", "dark")]


def each_screen(page: Any) -> Iterator[str]:
    """The page, open already, on a desk and a telephone, light and dark; names each."""
    for width, scheme in SCREENS:
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        yield f"{width} {scheme}"


def kinds_of_page(view: View) -> tuple[str, str, str]:
    """The index, the call with most to tell and a clip, an agent's page."""
    clipped = [c for c in view.calls if c.recording_id in view.clip_calls]
    fullest = max(clipped, key=lambda c: sum(bool(r.evidence) for r in c.results))
    return "index.html", fullest.page, f"agents/{view.agents[0].key}.html"


def test_pages_fit_their_screen_and_text_stands_out(browser: Any, view: View, folder: Path) -> None:
    for name in kinds_of_page(view):
        page, wrong = open_page(browser, folder / name)
        for screen in each_screen(page):
            room = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert room <= 0, (name, screen)
            assert page.evaluate(CONTRAST) == [], (name, screen)
        assert wrong == []
        page.close()


CONTRAST = """() => {
  const parse = c => (c.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const over = (a, b) => {
    const k = a.length > 3 ? a[3] : 1;
    return [0, 1, 2].map(i => a[i] * k + b[i] * (1 - k));
  };
  const part = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = c => .2126 * part(c[0]) + .7152 * part(c[1]) + .0722 * part(c[2]);
  const ground = e => {
    const stack = [];
    for (; e; e = e.parentElement) stack.push(parse(getComputedStyle(e).backgroundColor));
    return stack.reverse().reduce((under, c) => over(c, under), [255, 255, 255]);
  };
  const bad = new Set();
  document.querySelectorAll('body *').forEach(e => {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || !e.getClientRects().length) return;
    if (e.closest('svg, .skip, script, style, option')) return;
    const s = getComputedStyle(e), back = ground(e), front = over(parse(s.color), back);
    const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
    const size = parseFloat(s.fontSize), bold = +s.fontWeight >= 700;
    const ratio = (a + .05) / (b + .05), big = size >= 24 || (size >= 18.66 && bold);
    if (ratio < (big ? 3 : 4.5)) bad.add(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`);
  });
  return [...bad];
}"""


def test_controls_have_names_headings_descend_and_charts_have_words(
    browser: Any, folder: Path
) -> None:
    for path in (folder / "index.html", next((folder / "calls").iterdir())):
        page, _ = open_page(browser, path)
        nameless = page.evaluate(
            "() => [...document.querySelectorAll('select, input, button, a[href], audio')]"
            ".filter(e => !(e.getAttribute('aria-label') || e.textContent.trim()))"
            ".map(e => e.outerHTML.slice(0, 120))"
        )
        assert nameless == []
        levels = page.evaluate(
            "() => [...document.querySelectorAll('h1, h2, h3, h4')].map(h => +h.tagName[1])"
        )
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(b - a <= 1 for a, b in pairwise(levels)), levels
        silent = page.evaluate(
            "() => [...document.querySelectorAll('svg.plot')]"
            ".filter(s => !s.getAttribute('aria-label')).length"
        )
        assert silent == 0
        double = page.evaluate(
            "() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);"
            " return ids.filter((x, i) => ids.indexOf(x) !== i); }"
        )
        assert double == []
        assert page.locator("main").count() == 1
        page.close()


def test_print_shows_every_row_and_no_controls(browser: Any, folder: Path) -> None:
    page, _ = open_page(browser, folder / "index.html")
    page.emulate_media(media="print")
    rows = page.locator("#calls tbody tr")
    assert rows.count() == page.locator("#calls tbody tr:visible").count() > 15
    assert not page.locator("nav.toc").is_visible()
    folded = page.locator("details.table")
    assert folded.count() > 2
    for i in range(folded.count()):
        assert folded.nth(i).locator("tbody tr").first.is_visible(), "folded, and lost on paper"
    assert len(page.pdf()) > 20_000
    page.close()


AXE = """async () => {
  const found = await axe.run({ resultTypes: ["violations"] });
  return found.violations
    .filter(v => ["serious", "critical"].includes(v.impact))
    .map(v => `${v.impact} ${v.id}: ${v.nodes.slice(0, 3).map(n => n.target).join("; ")}`);
}"""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_no_serious_fault(
    browser: Any, inputs: ReportInputs, view: View, folder: Path, tmp_path: Path, language: str
) -> None:
    """Every kind of page, on desk and telephone; axe's own script comes with its package."""
    package = pytest.importorskip("axe_playwright_python", reason="NO AXE: not installed")
    script = Path(str(package.__file__)).with_name("axe.min.js").read_text(encoding="utf-8")
    if language != "zh":
        view = build_view(replace(inputs, options=replace(inputs.options, language=language)))
        folder = tmp_path / "r"
        write_report(view, folder, make_clip=make_wave)
    for name in kinds_of_page(view):
        page, _ = open_page(browser, folder / name)
        # The page's policy forbids any script but its own; axe is put in from outside.
        page.evaluate(script)
        for screen in each_screen(page):
            if screen != "390 dark":  # the colours of the desk, the places of the light one
                assert page.evaluate(AXE) == [], f"{name} {screen}"
        page.close()
