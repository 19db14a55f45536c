"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const t = data.texts;
  const store = "qc-review " + data.name;
  const verdicts = ["confirm", "overturn", "not_applicable", "points", "invalid"];
  let kept = { person: "", decisions: {} };
  try {
    kept = Object.assign(kept, JSON.parse(localStorage.getItem(store) || "{}"));
  } catch (error) { /* a browser that keeps nothing for files: the page works all the same */ }

  function save() {
    try { localStorage.setItem(store, JSON.stringify(kept)); } catch (error) { /* as above */ }
  }
  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties || {});
    element.append(...children);
    return element;
  }
  function token() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  }
  function clock(seconds) {
    const rest = (seconds % 60).toFixed(1).padStart(4, "0");
    return Math.floor(seconds / 60) + ":" + rest;
  }
  function missing(item, decision) {
    if (!decision || !decision.verdict) { return ""; }
    if (decision.verdict === "points") {
      const points = decision.points;
      if (typeof points !== "number" || !(points >= 0 && points <= item.points)) {
        return t.need_points.replace("{points}", item.points);
      }
    }
    if (decision.verdict !== "confirm" && !decision.cause && !(decision.reason || "").trim()) {
      return t.need_reason;
    }
    return "";
  }
  function decided(item) {
    const decision = kept.decisions[item.key];
    return Boolean(decision && decision.verdict) && !missing(item, decision);
  }
  // "Invalid recording" takes the whole recording out: its other items need no answer.
  function takenOut(item) {
    return data.items.find((one) => one.recording_id === item.recording_id && decided(one) &&
      kept.decisions[one.key].verdict === "invalid");
  }
  function isDone(item) {
    return Boolean(takenOut(item)) || decided(item);
  }

  const main = document.getElementById("items");
  const cards = [];

  function card(item, index) {
    const decision = kept.decisions[item.key] || {};
    const box = make("article", { tabIndex: 0 });
    box.dataset.key = item.key;
    const cost = make("span", { className: "stake", textContent: "-" + item.stake });
    box.append(
      make("h2", {}, cost, " " + item.title + " "),
      make("p", { className: "facts", textContent: [
        t.kinds[item.kind], item.recording_id, item.agent, item.when, item.criterion,
      ].filter(Boolean).join(" · ") }),
    );
    if (item.not_judged) {
      box.append(make("p", { className: "not-judged",
        textContent: t.not_judged.replace("{why}", item.not_judged) }));
    }
    if (item.followed) {
      box.append(make("p", { className: "facts", textContent: item.followed }));
    }
    if (item.too_short) {
      box.append(make("p", { className: "not-judged", textContent: item.too_short }));
    }
    if (item.reason) { box.append(make("p", { textContent: item.reason })); }
    for (const clip of item.clips) {
      box.append(make("audio", { controls: true, preload: "none", src: clip }));
    }
    if (item.clips.length === 0) {
      box.append(make("p", { className: "facts", textContent: t.no_clip }));
    }
    const turns = make("ol", { className: "turns" });
    for (const turn of item.turns) {
      const line = make("li", {
        className: turn.evidence ? "evidence" : turn.unheard ? "unheard" : "",
      });
      line.append(make("time", { textContent: clock(turn.start_s) }),
        (turn.who || t.speakers[turn.speaker]) + " " + turn.text);
      turns.append(line);
    }
    box.append(turns);
    const buttons = verdicts.map((verdict) => make("button", {
      type: "button", textContent: t.verdicts[verdict], onclick: () => choose(verdict),
    }));
    const points = make("input", {
      type: "number", className: "points", min: 0, max: item.points, step: "any",
      value: decision.points === undefined || decision.points === null ? "" : decision.points,
    });
    points.setAttribute("aria-label", t.points);
    const cause = make("select", {}, make("option", { value: "", textContent: t.cause }));
    cause.setAttribute("aria-label", t.cause);
    for (const [code, words] of Object.entries(t.causes)) {
      cause.append(make("option", { value: code, textContent: words }));
    }
    cause.value = decision.cause || "";
    const reason = make("input", {
      className: "reason", placeholder: t.reason, value: decision.reason || "", maxLength: 500,
    });
    reason.setAttribute("aria-label", t.reason);
    const told = make("p", { className: "missing" });
    told.setAttribute("role", "status");
    box.append(
      make("fieldset", {}, ...buttons, points),
      make("fieldset", {}, cause, reason),
      told,
    );

    function change(properties) {
      const former = kept.decisions[item.key] || {};
      kept.decisions[item.key] = Object.assign({}, former, properties, {
        at: new Date().toISOString(), token: token(),
      });
      save();
      showAll();
    }
    function choose(verdict) {
      const former = (kept.decisions[item.key] || {}).verdict;
      if (former === verdict) {
        delete kept.decisions[item.key];
        save();
        showAll();
      } else {
        change({ verdict: verdict });
      }
      if (verdict === "points") { points.focus(); }
    }
    points.oninput = () => change({
      points: points.value === "" ? null : Number(points.value), verdict: "points",
    });
    cause.onchange = () => change({ cause: cause.value || null });
    reason.onchange = () => change({ reason: reason.value });
    function show() {
      const current = kept.decisions[item.key] || {};
      buttons.forEach((button, i) => {
        button.setAttribute("aria-pressed", String(current.verdict === verdicts[i]));
      });
      points.hidden = current.verdict !== "points";
      const out = takenOut(item);
      told.textContent = out && out.key !== item.key ? t.taken_out : missing(item, current);
      box.classList.toggle("decided", isDone(item));
    }
    function showAll() {
      cards.filter((one) => one.recording === item.recording_id).forEach((one) => one.show());
      count();
    }
    box.onkeydown = (event) => {
      if (event.target !== box || event.ctrlKey || event.metaKey || event.altKey) { return; }
      const verdict = { c: "confirm", o: "overturn", n: "not_applicable", p: "points", i: "invalid" };
      if (event.key === "j" || event.key === "k") {
        const next = cards[index + (event.key === "j" ? 1 : -1)];
        if (next) { next.box.focus(); next.box.scrollIntoView({ block: "center" }); }
      } else if (event.key === " ") {
        const audio = box.querySelector("audio");
        if (audio) { if (audio.paused) { audio.play(); } else { audio.pause(); } }
      } else if (verdict[event.key]) {
        choose(verdict[event.key]);
      } else {
        return;
      }
      event.preventDefault();
    };
    cards.push({ box: box, show: show, recording: item.recording_id });
    return box;
  }

  function count() {
    const done = data.items.filter(isDone);
    const left = data.items.filter((item) => !isDone(item));
    const minutes = Math.ceil(left.reduce((sum, item) => sum + item.seconds, 0) / 60);
    document.getElementById("progress").textContent = t.progress
      .replace("{done}", done.length).replace("{all}", data.items.length)
      .replace("{minutes}", minutes);
    document.getElementById("download").disabled = done.length === 0;
  }

  const person = document.getElementById("person");
  person.value = kept.person;
  person.onchange = () => { kept.person = person.value.trim(); save(); };
  document.getElementById("download").onclick = () => {
    kept.person = person.value.trim();
    save();
    const counts = (item) => decided(item) && [undefined, item].includes(takenOut(item));
    const lines = data.items.filter(counts).map((item) => {
      const decision = kept.decisions[item.key];
      return {
        recording_id: item.recording_id,
        criterion: decision.verdict === "invalid" ? null : item.criterion,
        verdict: decision.verdict,
        at: decision.at,
        points: decision.verdict === "points" ? decision.points : null,
        cause: decision.cause || null,
        reason: (decision.reason || "").trim(),
        card: item.card,
        token: decision.token,
      };
    });
    const body = {
      format: "qc-decisions/1", period: data.period, person: kept.person, decisions: lines,
    };
    const blob = new Blob([JSON.stringify(body, null, 1)], { type: "application/json" });
    const link = make("a", { href: URL.createObjectURL(blob), download: "decisions.json" });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  data.items.forEach((item, index) => main.append(card(item, index)));
  cards.forEach((one) => one.show());
  if (cards.length === 0) { main.append(make("p", { textContent: t.nothing })); }
  count();
})();
