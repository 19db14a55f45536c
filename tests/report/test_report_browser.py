"""The report in a real Chromium: what a lead does with it, and what hostile words cannot do."""

from __future__ import annotations

import json
import shutil
import struct
import wave
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.call import Failure, Recording, Speaker
from qc_pipeline.errors import Problem
from qc_pipeline.report.inputs import ClipJob, FollowUp, Objection, ReportInputs
from qc_pipeline.report.render import write_report
from qc_pipeline.report.view import build_view
from qc_pipeline.scoring.scorecard import EvidenceKind, Scorecard
from tests.report.inputs import Shape, transcript, turn, week

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None, reason="NO BROWSER: Chromium is not installed (apt-get install chromium)"
    ),
]

ATTACKS = (
    "<script>hit()</script>",
    "<img src=x onerror=hit()>",
    '"><svg onload=hit()>',
    "'><script>hit()</script>",
    "</title><script>hit()</script>",
    "</script><script>hit()</script>",
    "</style><script>hit()</script>",
    "--><script>hit()</script>",
    "]]><script>hit()</script>",
    "javascript:hit()",
    "JaVaScRiPt:hit()",
    "java\tscript:hit()",
    "data:text/html,<script>hit()</script>",
    '" onmouseover="hit()',
    "' onfocus='hit()' autofocus='",
    '" autofocus onfocus="hit()" x="',
    "` onload=hit() `",
    "{{ 7*7 }}",
    "{% for x in y %}",
    "${hit()}",
    "#{hit()}",
    "<%= hit() %>",
    "<iframe src=http://evil.example/></iframe>",
    "<object data=http://evil.example/>",
    "<embed src=http://evil.example/>",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "<style>@import 'http://evil.example/x.css'</style>",
    "<base href=http://evil.example/>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "<form action=http://evil.example/><button autofocus>x</button></form>",
    "<audio src=http://evil.example/a.mp3 autoplay onerror=hit()>",
    "<video poster=http://evil.example/a.png onerror=hit()>",
    "<svg><script>hit()</script></svg>",
    "<svg><animate onbegin=hit() attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:hit()><text>x</text></a></svg>",
    "<math><mi xlink:href=javascript:hit()>x</mi></math>",
    "<details open ontoggle=hit()>",
    "<body onload=hit()>",
    "<input onfocus=hit() autofocus>",
    "<marquee onstart=hit()>",
    "<template><script>hit()</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=hit()>'>",
    "<!--<img src='--><img src=x onerror=hit()>'>",
    "&lt;script&gt;hit()&lt;/script&gt;",
    "&#60;script&#62;hit()&#60;/script&#62;",
    "\u003cscript\u003ehit()\u003c/script\u003e",
    "%3Cscript%3Ehit()%3C/script%3E",
    "＜script＞hit()＜/script＞",
    "\u2028hit()\u2029",
    "\u202ehit()",
    "\x00<script>hit()</script>",
    "=cmd|'/c calc'!A1",
    "+1+hit()",
    "-1+hit()",
    "@SUM(1+1)*hit()",
    '=HYPERLINK("http://evil.example","x")',
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    '");hit();//',
    "';hit();//",
    '\\");hit();//',
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="NO BROWSER: playwright missing")
    with sync_api.sync_playwright() as running:
        started = running.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def inputs() -> ReportInputs:
    return week(Shape(calls=40, past_weeks=7))


def make_wave(job: ClipJob) -> Path:
    """A clip of silence, as long as asked."""
    path = job.target.with_name(job.target.name + ".wav")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(struct.pack("<h", 0) * int((job.end_s - job.start_s) * 8000))
    return path


@pytest.fixture(scope="module")
def folder(inputs: ReportInputs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("browser") / "report"
    write_report(build_view(inputs), place, make_clip=make_wave)
    return place


def open_page(browser: Any, path: Path, **options: Any) -> tuple[Any, list[str]]:
    """A page with everything that goes wrong, or goes out, collected."""
    page = browser.new_page(**options)
    wrong: list[str] = []
    page.on("console", lambda m: wrong.append(f"{m.type}: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda e: wrong.append(f"error: {e}"))
    page.on("dialog", lambda d: wrong.append("dialog") or d.dismiss())
    page.on(
        "request",
        lambda r: wrong.append(f"request: {r.url}") if not r.url.startswith("file:") else None,
    )
    page.add_init_script("window.hits = 0; window.hit = function () { window.hits += 1; };")
    page.goto(path.as_uri())
    return page, wrong


def wait_until(page: Any, condition: str) -> None:
    """Playwright's own waiting evaluates a string in the page, which the page's policy forbids."""
    for _ in range(300):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never so: {condition}")


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


def test_click_on_a_word_takes_the_sound_there_and_lights_it(
    browser: Any, inputs: ReportInputs, folder: Path
) -> None:
    view = build_view(inputs)
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


def test_link_to_a_second_opens_its_turn(browser: Any, inputs: ReportInputs, folder: Path) -> None:
    view = build_view(inputs)
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


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_fits_its_screen_and_text_stands_out(
    browser: Any, folder: Path, width: int, scheme: str
) -> None:
    page, wrong = open_page(
        browser,
        folder / "index.html",
        viewport={"width": width, "height": 844},
        color_scheme=scheme,
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) == []
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
    assert len(page.pdf()) > 20_000
    page.close()


def hostile_inputs() -> ReportInputs:
    """A week in which every text that comes from outside is an attack."""
    base = week(Shape(calls=len(ATTACKS) + 3))
    attacks = [a.replace("\x00", "\ufffd") for a in ATTACKS]

    def text(i: int) -> str:
        return attacks[i % len(attacks)]

    rows: dict[str, Recording] = {}
    names: dict[str, str] = {}
    for i, r in enumerate(base.recordings):
        new = f"{text(i)}-{i}"
        names[r.recording_id] = new
        rows[r.recording_id] = replace(
            r,
            recording_id=new,
            path=f"{text(i + 1)}.ogg",
            agent_id=text(i % 7),
            fields={
                **r.fields,
                "agent_name": text(i % 7 + 20),
                "team": text(i % 3 + 40),
                "business": text(i),
                "contact": text(i + 2),
                "satisfaction": text(i + 3),
            },
        )
    cards: dict[str, Scorecard] = {}
    for i, (key, card) in enumerate(sorted(base.scorecards.items())):
        sections = tuple(
            replace(
                s,
                title=text(i),
                criteria=tuple(
                    replace(
                        c,
                        title=text(n),
                        reason=text(i + n),
                        evidence=tuple(
                            replace(e, quote=text(i), phrase=text(i + 1), kind=EvidenceKind.SAID)
                            for e in c.evidence
                        ),
                    )
                    for n, c in enumerate(s.criteria)
                ),
            )
            for s in card.sections
        )
        cards[names[key]] = replace(
            card, recording_id=names[key], band=text(i), sections=sections, rubric_id=text(i)
        )
    talks = {
        names[k]: transcript(
            names[k],
            [
                turn(Speaker.AGENT if n % 2 else Speaker.CUSTOMER, n * 9.0, text(i + n))
                for n in range(4)
            ],
        )
        for i, k in enumerate(sorted(base.transcripts))
    }
    rubric = base.rubrics[0]
    return replace(
        base,
        options=replace(base.options, title=text(4), contact=text(5)),
        recordings=tuple(rows.values()),
        sample=replace(
            base.sample,
            seed=text(1),
            notes=(text(2), text(3)),
            picks=tuple(
                replace(p, recording_id=names[p.recording_id])
                for p in sorted(base.sample.picks, key=lambda p: names[p.recording_id])
            ),
            strata=tuple(
                replace(s, duration_band=text(i), slot=text(i + 1))
                for i, s in enumerate(base.sample.strata)
            ),
        ),
        scorecards=cards,
        transcripts=talks,
        envelopes={},
        failures=tuple(
            Failure(recording_id=names[f.recording_id], stage=text(1), reason=text(2))
            for f in base.failures
        ),
        excluded_rows=tuple(
            Problem(path=text(i), line=i + 2, message=text(i), found=text(i), allowed=text(i))
            for i in range(len(attacks))
        ),
        rubrics=(
            replace(
                rubric,
                title=text(6),
                version=text(7),
                bands=tuple((b[0], text(i)) for i, b in enumerate(rubric.bands)),
                criteria=tuple(
                    replace(c, title=text(i), why=text(i), say=text(i + 1), ref=text(i + 2))
                    for i, c in enumerate(rubric.criteria)
                ),
            ),
        ),
        making=replace(
            base.making,
            recogniser=text(8),
            list_name=text(9),
            notes=tuple(attacks),
            versions={text(1): text(2)},
        ),
        follow_ups=tuple(
            FollowUp(
                recording_id=k,
                what=text(i),
                who=text(i + 1),
                state=text(i),
                callback_number=text(i),
            )
            for i, k in enumerate(sorted(cards)[:10])
        ),
        objections=tuple(
            Objection(
                recording_id=k,
                criterion_id=text(i),
                reason=text(i),
                answer=text(i + 1),
                state=text(i),
                opened_on=base.period.end,
            )
            for i, k in enumerate(sorted(cards)[:10])
        ),
    )


FOREIGN = """() => {
  const all = [...document.querySelectorAll('*')], found = [];
  const tags = 'iframe, object, embed, base, form, img, link, video';
  document.querySelectorAll(tags).forEach(e => found.push(e.outerHTML));
  if (document.querySelectorAll('script').length !== 1) found.push('a second script');
  all.filter(e => [...e.attributes].some(a => a.name.startsWith('on')))
    .forEach(e => found.push(e.outerHTML));
  const ours = /^(#|\\.\\.\\/|calls\\/|agents\\/|report\\.)/;
  all.filter(e => e.hasAttribute('href') && !ours.test(e.getAttribute('href')))
    .forEach(e => found.push(e.getAttribute('href')));
  return found;
}"""


def test_hostile_words_do_nothing_and_fetch_nothing(browser: Any, tmp_path: Path) -> None:
    assert len(ATTACKS) >= 60
    write_report(build_view(hostile_inputs()), tmp_path / "r", make_clip=make_wave)
    pages = sorted((tmp_path / "r").rglob("*.html"))
    assert len(pages) > 65
    for path in [tmp_path / "r" / "index.html", *pages[::12]]:
        page, wrong = open_page(browser, path)
        page.evaluate(
            "document.querySelectorAll('select').forEach(s => { s.selectedIndex = 1;"
            " s.dispatchEvent(new Event('change')); })"
        )
        page.evaluate(
            "document.querySelectorAll('thead button, .after button').forEach(b => b.click())"
        )
        page.evaluate(
            "document.querySelectorAll('*').forEach(e => { e.dispatchEvent(new Event('mouseover'));"
            " e.dispatchEvent(new Event('focus')); })"
        )
        page.wait_for_timeout(100)
        assert page.evaluate("window.hits") == 0, path.name
        assert wrong == [], path.name
        assert page.evaluate(FOREIGN) == [], path.name
        page.close()
    for path in (tmp_path / "r").rglob("*"):
        assert all(c.isalnum() or c in "-._" for c in path.name), path.name
    json.loads((tmp_path / "r" / "report.json").read_text(encoding="utf-8"))


def test_script_that_is_not_ours_is_refused_by_the_page_itself(
    browser: Any, folder: Path, tmp_path: Path
) -> None:
    """Even where escaping failed, the policy in the page would hold."""
    shutil.copytree(folder, tmp_path / "r")
    index = tmp_path / "r" / "index.html"
    broken = index.read_text(encoding="utf-8").replace(
        "</main>", "<script>hit()</script><img src='x' onerror='hit()'></main>"
    )
    index.write_text(broken, encoding="utf-8")
    page, wrong = open_page(browser, index)
    assert page.evaluate("window.hits") == 0
    assert any("Content Security Policy" in w for w in wrong)
    page.close()
