"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const t = data.texts;
  // Calls name their items by number; those that no call names are open items of other calls.
  const named = new Set(data.calls.flatMap((call) => call.items));
  data.rest = data.items.filter((item, index) => !named.has(index));
  data.calls.forEach((call) => { call.items = call.items.map((index) => data.items[index]); });
  const store = "qc-review " + data.name;
  const finding = ["confirm", "overturn", "points", "exempt", "not_applicable", "invalid"];
  const byHand = ["overturn", "points", "not_applicable", "invalid"];
  const keys = {
    c: "confirm", o: "overturn", f: "overturn", p: "points", b: "points", e: "exempt",
    n: "not_applicable", i: "invalid",
  };
  const rates = [1, 1.5, 2];
  let kept = { person: "", decisions: {}, added: {}, heard: {}, out: {}, rate: 1, skip: true };
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
  function labelled(element, label) {
    element.setAttribute("aria-label", label);
    return element;
  }
  function stamp() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const token = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
    return { at: new Date().toISOString(), token: token };
  }
  function clock(seconds) {
    const rest = (seconds % 60).toFixed(1).padStart(4, "0");
    return Math.floor(seconds / 60) + ":" + rest;
  }
  function seconds(text) {
    const parts = text.trim().split(":").map(Number);
    return parts.every((p) => Number.isFinite(p) && p >= 0)
      ? parts.reduce((sum, p) => sum * 60 + p, 0) : NaN;
  }
  // [start, end] in seconds of "1:23-1:30" or "83"; null for anything else.
  function placeOf(text) {
    const ends = text.trim().split("-");
    if (!ends[0].trim()) { return null; }
    const start = seconds(ends[0]);
    const end = ends.length > 1 ? seconds(ends[1]) : start;
    return start >= 0 && end >= start ? [start, end] : null;
  }
  function choice(label, names, value) {
    const select = labelled(make("select", {}, make("option", { value: "", textContent: label })), label);
    for (const [code, words] of Object.entries(names)) {
      select.append(make("option", { value: code, textContent: words }));
    }
    select.value = value || "";
    return select;
  }
  function isByHand(item) { return ["manual", "unheard", "unscorable", "blind"].includes(item.kind); }
  function stands(decision) { return decision.verdict === "confirm" || decision.verdict === "points"; }

  function missing(item, decision) {
    if (!decision || !decision.verdict) { return ""; }
    if (decision.verdict === "points") {
      const points = decision.points;
      if (typeof points !== "number" || !(points >= 0 && points <= item.most)) {
        return t.need_points.replace("{points}", item.most);
      }
    }
    if (item.kind === "blind" && (decision.place || "").trim() && !placeOf(decision.place)) {
      return t.need_place;
    }
    if (stands(decision) && !(decision.verdict === "points" && decision.points === 0) && !decision.root) {
      return t.need_root;
    }
    const explained = Boolean(decision.cause) || Boolean((decision.reason || "").trim());
    if (decision.verdict !== "confirm" && !isByHand(item) && !explained) { return t.need_reason; }
    return "";
  }
  function decided(item) {
    const decision = kept.decisions[item.key];
    return Boolean(decision && decision.verdict) && !missing(item, decision);
  }
  // An invalid recording is taken out as a whole: its items need no answer.
  function takenOut(recording) { return kept.out[recording]; }
  function isDone(item) { return Boolean(takenOut(item.recording_id)) || decided(item); }
  // What an automatic criterion deducts is changed only where it is wrong.
  function isAsked(item) { return item.kind !== "automatic"; }
  function callDone(call) {
    if (takenOut(call.recording_id)) { return true; }
    const asked = call.items.filter(isAsked);
    return asked.length ? asked.every(isDone) : Boolean(kept.heard[call.recording_id]);
  }

  const main = document.getElementById("items");
  const cards = [];
  const calls = [];

  // -- sound ----------------------------------------------------------------------------------
  function player(call) {
    const audio = make("audio", { controls: true, preload: "none", src: call.clip });
    const bar = make("div", { className: "bar" });
    const speeds = rates.map((rate) => make("button", {
      type: "button", textContent: rate + "×", onclick: () => { kept.rate = rate; save(); showSound(); },
    }));
    const skip = make("input", { type: "checkbox", checked: kept.skip });
    skip.onchange = () => { kept.skip = skip.checked; save(); showSound(); };
    bar.append(...speeds, make("label", {}, skip, " " + t.skip));
    audio.ontimeupdate = () => {
      const now = audio.currentTime;
      if (kept.skip && !audio.paused) {
        const gap = call.quiet.find((q) => now >= q[0] && now < q[1] - 0.3);
        if (gap) { audio.currentTime = gap[1]; }
      }
      call.lines.forEach((line) => {
        line.element.classList.toggle("now", now >= line.start_s && now < line.end_s);
      });
    };
    audio.onplay = () => {
      audio.playbackRate = kept.rate;
      document.querySelectorAll("audio").forEach((other) => { if (other !== audio) { other.pause(); } });
    };
    call.audio = audio;
    call.showSound = () => {
      audio.playbackRate = kept.rate;
      speeds.forEach((button, i) => button.setAttribute("aria-pressed", String(rates[i] === kept.rate)));
      skip.checked = kept.skip;
    };
    return [audio, bar];
  }
  function showSound() { calls.forEach((call) => { if (call.showSound) { call.showSound(); } }); }
  function playFrom(call, seconds) {
    if (!call.audio) { return; }
    const start = () => { call.audio.currentTime = Math.max(0, seconds); call.audio.play(); };
    if (call.audio.readyState > 0) { start(); return; }
    call.audio.addEventListener("loadedmetadata", start, { once: true });
    call.audio.load();
  }

  // -- words ----------------------------------------------------------------------------------
  function words(turns, call) {
    const list = make("ol", { className: "turns" });
    for (const turn of turns) {
      const line = make("li", {
        className: turn.evidence ? "evidence" : turn.unheard ? "unheard" : "",
      });
      const time = make("time", { textContent: clock(turn.start_s) });
      if (call && call.clip) {
        time.setAttribute("role", "button");
        time.tabIndex = 0;
        time.onclick = () => playFrom(call, turn.start_s);
        time.onkeydown = (event) => {
          if (event.key === "Enter") { playFrom(call, turn.start_s); event.preventDefault(); }
        };
      }
      line.append(time, (turn.who || t.speakers[turn.speaker]) + " " + turn.text);
      for (const title of turn.items || []) {
        line.append(" ", make("span", { className: "mark", textContent: "▶ " + title }));
      }
      list.append(line);
      if (call) { call.lines.push({ element: line, start_s: turn.start_s, end_s: turn.end_s }); }
    }
    return list;
  }

  // -- one item -------------------------------------------------------------------------------
  function card(item, call) {
    const verdicts = isByHand(item) ? byHand : finding;
    const names = isByHand(item) ? t.by_hand
      : item.near ? Object.assign({}, t.verdicts, t.near_verdicts) : t.verdicts;
    const decision = kept.decisions[item.key] || {};
    const box = make("article", { tabIndex: 0 });
    box.dataset.key = item.key;
    const sign = item.kind === "blind" ? "" : "-";
    const cost = make("span", { className: "stake", textContent: sign + item.stake });
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
    if (item.followed) { box.append(make("p", { className: "facts", textContent: item.followed })); }
    if (item.too_short) {
      box.append(make("p", { className: "not-judged", textContent: item.too_short }));
    }
    if (item.reason) { box.append(make("p", { textContent: item.reason })); }
    if (item.question) { box.append(make("p", { className: "question", textContent: item.question })); }
    if (call) {
      if (item.place_s !== null && call.clip) {
        box.append(make("button", {
          type: "button", textContent: t.play_place.replace("{at}", clock(item.place_s)),
          onclick: () => playFrom(call, item.place_s - 3),
        }));
      }
    } else {
      for (const clip of item.clips) {
        box.append(make("audio", { controls: true, preload: "none", src: clip }));
      }
      if (item.clips.length === 0) {
        box.append(make("p", { className: "facts", textContent: t.no_clip }));
      }
      box.append(words(item.turns, null));
    }
    const buttons = verdicts.map((verdict) => make("button", {
      type: "button", textContent: names[verdict], onclick: () => choose(verdict),
    }));
    const always = make("button", { type: "button", textContent: t.near_always });
    always.onclick = () => change({
      verdict: "overturn", cause: "rule", always: !(kept.decisions[item.key] || {}).always,
    });
    if (item.near) { buttons.unshift(always); }
    const points = labelled(make("input", {
      type: "number", className: "points", min: 0, max: item.most, step: "any",
      value: decision.points === undefined || decision.points === null ? "" : decision.points,
    }), t.points);
    const place = labelled(make("input", {
      className: "place", placeholder: "1:23-1:30", value: decision.place || "",
    }), t.add_place);
    const root = choice(t.root, t.roots, decision.root);
    const cause = choice(t.cause, t.causes, decision.cause);
    const whose = labelled(make("input", {
      className: "whose", placeholder: t.whose, value: decision.agent || "", maxLength: 64,
    }), t.whose);
    const reason = labelled(make("input", {
      className: "reason", placeholder: t.reason, value: decision.reason || "", maxLength: 500,
    }), t.reason);
    const told = make("p", { className: "missing" });
    told.setAttribute("role", "status");
    box.append(
      make("fieldset", {}, ...buttons, points, place),
      make("fieldset", {}, root, cause, whose, reason),
      told,
    );

    function change(properties) {
      const former = kept.decisions[item.key] || {};
      kept.decisions[item.key] = Object.assign({}, former, properties, stamp());
      save();
      showAll(item.recording_id);
    }
    function choose(verdict) {
      const former = (kept.decisions[item.key] || {}).verdict;
      if (former === verdict) {
        delete kept.decisions[item.key];
        save();
        showAll(item.recording_id);
      } else {
        const properties = { verdict: verdict, always: false };
        if (item.near && verdict === "overturn") { properties.cause = "rule"; }
        if (verdict === "points" && isByHand(item) && points.value === "") {
          points.value = item.most;
          properties.points = item.most;
        }
        change(properties);
      }
      if (verdict === "points") { points.focus(); }
    }
    points.oninput = () => change({
      points: points.value === "" ? null : Number(points.value), verdict: "points",
    });
    place.oninput = () => change({ place: place.value });
    root.onchange = () => change({ root: root.value || null });
    whose.onchange = () => change({ agent: whose.value.trim() || null });
    cause.onchange = () => change({ cause: cause.value || null });
    reason.onchange = () => change({ reason: reason.value });
    function show() {
      const current = kept.decisions[item.key] || {};
      buttons.filter((button) => button !== always).forEach((button, i) => {
        const chosen = current.verdict === verdicts[i] && !(verdicts[i] === "overturn" && current.always);
        button.setAttribute("aria-pressed", String(chosen));
      });
      always.setAttribute("aria-pressed", String(Boolean(current.always)));
      points.hidden = current.verdict !== "points";
      place.hidden = item.kind !== "blind" || current.verdict !== "points";
      root.hidden = !stands(current);
      whose.hidden = !stands(current) || !(call && call.transferred);
      cause.hidden = stands(current) || isByHand(item);
      told.textContent = takenOut(item.recording_id) ? t.taken_out : missing(item, current);
      box.classList.toggle("decided", isDone(item));
    }
    box.onkeydown = (event) => {
      if (event.target !== box || event.ctrlKey || event.metaKey || event.altKey) { return; }
      const index = cards.findIndex((one) => one.box === box);
      const verdict = keys[event.key];
      if (event.key === "j" || event.key === "k") {
        const next = cards[index + (event.key === "j" ? 1 : -1)];
        if (next) { next.box.focus(); next.box.scrollIntoView({ block: "center" }); }
      } else if (event.key === " ") {
        const audio = call ? call.audio : box.querySelector("audio");
        if (audio && !audio.paused) {
          audio.pause();
        } else if (call && item.place_s !== null) {
          playFrom(call, item.place_s - 3);
        } else if (audio) {
          audio.play();
        }
      } else if (["1", "2", "3"].includes(event.key)) {
        kept.rate = rates[Number(event.key) - 1];
        save();
        showSound();
      } else if (event.key === "a" && item.near) {
        always.click();
      } else if (verdict && verdicts.includes(verdict)) {
        choose(verdict);
      } else {
        return;
      }
      event.preventDefault();
    };
    cards.push({ box: box, show: show, recording: item.recording_id });
    return box;
  }

  // -- one call -------------------------------------------------------------------------------
  function section(call) {
    call.lines = [];
    const box = make("section", { className: "call" });
    const head = make("h2", { className: "call-head" });
    const state = make("span", { className: "state" });
    head.append(call.recording_id + " ", state);
    box.append(head, make("p", { className: "facts", textContent: [
      t.whys[call.why], call.agent, call.team, call.when, clock(call.duration_s),
      t.minutes.replace("{minutes}", Math.round(call.minutes)),
    ].filter(Boolean).join(" · ") }));
    if (call.clip) {
      box.append(...player(call));
    } else {
      box.append(make("p", { className: "facts", textContent: t.no_clip }));
    }
    box.append(words(call.turns, call));
    if (call.blind) { box.append(make("p", { className: "not-judged", textContent: t.blind })); }
    call.items.forEach((item) => box.append(card(item, call)));
    if (!call.blind) { box.append(adding(call)); }
    const foot = make("fieldset", {});
    if (call.blind) {
      const rest = make("button", { type: "button", textContent: t.blind_rest });
      rest.onclick = () => {
        call.items.filter((item) => !(kept.decisions[item.key] || {}).verdict).forEach((item) => {
          kept.decisions[item.key] = Object.assign({ verdict: "overturn" }, stamp());
        });
        save();
        showAll(call.recording_id);
      };
      foot.append(rest);
    }
    if (!call.items.some(isAsked) && call.passed) {
      const heard = make("button", { type: "button", textContent: t.nothing_more });
      heard.onclick = () => {
        if (kept.heard[call.recording_id]) {
          delete kept.heard[call.recording_id];
        } else {
          kept.heard[call.recording_id] = stamp();
        }
        save();
        showAll(call.recording_id);
      };
      foot.append(heard);
      call.heardButton = heard;
    }
    const out = choice(t.whole_out, t.whole_causes, (kept.out[call.recording_id] || {}).cause);
    out.onchange = () => {
      if (out.value) {
        kept.out[call.recording_id] = Object.assign({ cause: out.value }, stamp());
      } else {
        delete kept.out[call.recording_id];
      }
      save();
      showAll(call.recording_id);
    };
    foot.append(out);
    box.append(foot);
    call.show = () => {
      const done = callDone(call);
      state.textContent = done ? t.call_done : "";
      box.classList.toggle("decided", done);
      if (call.heardButton) {
        call.heardButton.setAttribute("aria-pressed", String(Boolean(kept.heard[call.recording_id])));
      }
    };
    calls.push(call);
    return box;
  }

  // A deduction that the machine had not found.
  function adding(call) {
    const box = make("details", { className: "adding" }, make("summary", { textContent: t.add }));
    const names = Object.fromEntries(call.free.map((f) => [f.criterion, f.title + " (" + f.points + ")"]));
    const which = choice(t.add_which, names, "");
    const points = labelled(make("input", { type: "number", className: "points", min: 0.5, step: "any" }), t.points);
    const place = labelled(make("input", { className: "points", placeholder: "1:23-1:30" }), t.add_place);
    const here = make("button", { type: "button", textContent: t.add_here });
    const root = choice(t.root, t.roots, "");
    const reason = labelled(make("input", { className: "reason", placeholder: t.reason, maxLength: 500 }), t.reason);
    const keep = make("button", { type: "button", textContent: t.add_keep });
    const told = make("p", { className: "missing" });
    told.setAttribute("role", "status");
    const list = make("ul", {});
    here.onclick = () => {
      const now = call.audio ? call.audio.currentTime : 0;
      place.value = clock(Math.max(0, now - 3)) + "-" + clock(now);
    };
    which.onchange = () => {
      const free = call.free.find((f) => f.criterion === which.value);
      points.value = free ? free.points : "";
      points.max = free ? free.points : "";
    };
    keep.onclick = () => {
      const free = call.free.find((f) => f.criterion === which.value);
      const span = placeOf(place.value);
      const cost = Number(points.value);
      told.textContent = !free ? t.need_which
        : !(cost > 0 && cost <= free.points) ? t.need_points.replace("{points}", free.points)
          : !span ? t.need_place
            : !root.value ? t.need_root : !reason.value.trim() ? t.need_reason : "";
      if (told.textContent) { return; }
      const own = kept.added[call.recording_id] || [];
      kept.added[call.recording_id] = own.filter((a) => a.criterion !== free.criterion).concat([Object.assign({
        criterion: free.criterion, title: free.title, points: cost, place_s: span,
        root: root.value, reason: reason.value.trim(),
      }, stamp())]);
      save();
      showAdded();
      count();
    };
    function showAdded() {
      list.replaceChildren(...(kept.added[call.recording_id] || []).map((added) => {
        const away = make("button", { type: "button", textContent: t.add_away });
        away.onclick = () => {
          kept.added[call.recording_id] = kept.added[call.recording_id].filter((a) => a !== added);
          save();
          showAdded();
          count();
        };
        return make("li", {}, "-" + added.points + " " + added.title + " " + clock(added.place_s[0]) + " ", away);
      }));
      box.open = box.open || list.childElementCount > 0;
    }
    box.append(make("fieldset", {}, which, points, place, here), make("fieldset", {}, root, reason, keep), told, list);
    showAdded();
    return box;
  }

  function showAll(recording) {
    cards.filter((one) => one.recording === recording).forEach((one) => one.show());
    calls.filter((one) => one.recording_id === recording).forEach((one) => one.show());
    count();
  }
  function everyItem() {
    return data.calls.flatMap((call) => call.items).concat(data.rest);
  }
  function count() {
    const items = everyItem().filter(isAsked);
    const done = items.filter(isDone).length;
    const heard = data.calls.filter(callDone).length;
    const left = data.calls.filter((call) => !callDone(call));
    const minutes = Math.ceil(left.reduce((sum, call) => sum + call.minutes, 0));
    document.getElementById("progress").textContent = t.progress
      .replace("{heard}", heard).replace("{calls}", data.calls.length)
      .replace("{done}", done).replace("{all}", items.length).replace("{minutes}", minutes);
    document.getElementById("download").disabled = lines().length === 0;
  }

  function lines() {
    const found = [];
    for (const item of everyItem()) {
      const decision = kept.decisions[item.key];
      if (takenOut(item.recording_id) || !decided(item)) { continue; }
      const zero = decision.verdict === "points" && decision.points === 0;
      const spoken = (decision.reason || "").trim();
      found.push({
        recording_id: item.recording_id, criterion: item.criterion, verdict: decision.verdict,
        at: decision.at, points: decision.verdict === "points" ? decision.points : null,
        cause: stands(decision) || isByHand(item) ? null : decision.cause || null,
        root: stands(decision) && !zero ? decision.root : null,
        agent: stands(decision) && !zero ? decision.agent || null : null,
        reason: spoken || (isByHand(item) || decision.verdict === "points" ? t.as_heard : ""),
        card: item.card, token: decision.token,
      });
      if (item.near && decision.always && decision.verdict === "overturn") {
        found[found.length - 1].always = true;
      }
      if (item.kind === "blind") {
        const span = decision.verdict === "points" ? placeOf(decision.place || "") : null;
        Object.assign(found[found.length - 1], { blind: true }, span ? { place_s: span } : {});
      }
    }
    for (const call of data.calls) {
      const out = takenOut(call.recording_id);
      if (out) {
        found.push({
          recording_id: call.recording_id, criterion: null, verdict: "invalid", at: out.at,
          cause: out.cause, reason: "", card: call.card, token: out.token,
        });
        continue;
      }
      for (const added of kept.added[call.recording_id] || []) {
        found.push({
          recording_id: call.recording_id, criterion: added.criterion, verdict: "deduct", at: added.at,
          points: added.points, place_s: added.place_s, root: added.root, reason: added.reason,
          card: call.card, token: added.token,
        });
      }
      const heard = kept.heard[call.recording_id];
      if (heard && !call.items.some(isAsked) && call.passed && !(kept.added[call.recording_id] || []).length) {
        found.push({
          recording_id: call.recording_id, criterion: call.passed, verdict: "confirm", at: heard.at,
          reason: t.heard_reason, card: call.card, token: heard.token,
        });
      }
    }
    return found;
  }

  const person = document.getElementById("person");
  person.value = kept.person || data.person;
  person.onchange = () => { kept.person = person.value.trim(); save(); };
  document.getElementById("download").onclick = () => {
    kept.person = person.value.trim();
    save();
    const body = {
      format: "qc-decisions/1", period: data.period, person: kept.person, decisions: lines(),
    };
    const blob = new Blob([JSON.stringify(body, null, 1)], { type: "application/json" });
    const link = make("a", { href: URL.createObjectURL(blob), download: "decisions.json" });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  data.calls.forEach((call) => main.append(section(call)));
  if (data.rest.length) {
    main.append(make("h2", { textContent: t.rest }), make("p", { className: "facts", textContent: t.rest_note }));
    data.rest.forEach((item) => main.append(card(item, null)));
  }
  cards.forEach((one) => one.show());
  calls.forEach((one) => one.show());
  showSound();
  if (!data.calls.length && !data.rest.length) { main.append(make("p", { textContent: t.nothing })); }
  count();
})();
