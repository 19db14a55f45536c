"""A report made from attacks, in a real Chromium: nothing runs, loads or breaks out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from qc_pipeline.call import Failure, Recording, Speaker
from qc_pipeline.errors import Problem
from qc_pipeline.message import read_message
from qc_pipeline.report.inputs import Appeal, FollowUp, ReportInputs
from qc_pipeline.report.view import build_view
from qc_pipeline.report.write.render import write_report
from qc_pipeline.scoring.evidence.finding import EvidenceKind
from qc_pipeline.scoring.scorecard import Scorecard
from tests.browsing import NEEDS_BROWSER, make_wave, open_page
from tests.report.inputs import Shape, appeal_facts, week
from tests.report.made_talk import transcript, turn

pytestmark = NEEDS_BROWSER

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
                            e._replace(quote=text(i), phrase=text(i + 1), kind=EvidenceKind.SAID)
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
            notes=(read_message(text(2)), read_message(text(3))),
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
            Failure(recording_id=names[f.recording_id], stage=text(1), reason=read_message(text(2)))
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
            recogniser=read_message(text(8)),
            list_name=text(9),
            notes=tuple(map(read_message, attacks)),
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
            Appeal(
                recording_id=k,
                criterion_id=text(i),
                reason=text(i),
                answer=text(i + 1),
                state=text(i),
                opened_on=base.period.end,
                facts=appeal_facts(cards[k], number=i, said=text(i)),
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
  const ours = /^(#|\\.\\.\\/|calls\\/|agents\\/|appeals\\/|report\\.)/;
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
    browser: Any, tmp_path: Path
) -> None:
    """Even where escaping failed, the policy in the page would hold."""
    write_report(build_view(week(Shape(calls=4))), tmp_path / "r")
    index = tmp_path / "r" / "index.html"
    broken = index.read_text(encoding="utf-8").replace(
        "</main>", "<script>hit()</script><img src='x' onerror='hit()'></main>"
    )
    index.write_text(broken, encoding="utf-8")
    page, wrong = open_page(browser, index)
    assert page.evaluate("window.hits") == 0
    assert any("Content Security Policy" in w for w in wrong)
    page.close()
