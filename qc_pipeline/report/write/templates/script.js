"use strict";
(function () {
  function all(root, what) { return Array.prototype.slice.call(root.querySelectorAll(what)); }
  function text(cell) { return cell ? cell.textContent.trim() : ""; }
  function value(cell) { return cell && cell.dataset.v !== undefined ? parseFloat(cell.dataset.v) : null; }

  function setUp(box) {
    var body = box.querySelector("tbody"), rows = all(body, "tr");
    var filters = all(box, "select[data-filter]"), search = box.querySelector("input[type=search]");
    var more = box.querySelector("button[data-all]"), none = box.querySelector(".none");
    var open = rows.filter(function (r) { return !r.classList.contains("more"); }).length;
    function show() {
      var words = search ? search.value.trim().toLowerCase().split(/\s+/).filter(Boolean) : [];
      var on = words.length > 0, seen = 0;
      filters.forEach(function (f) { if (f.value) on = true; });
      rows.forEach(function (row) {
        var fits = filters.every(function (f) { return !f.value || text(row.cells[+f.dataset.filter]) === f.value; });
        var line = row.textContent.toLowerCase();
        fits = fits && words.every(function (w) { return line.indexOf(w) >= 0; });
        row.classList.toggle("gone", !fits);
        row.classList.toggle("more", !on && seen >= open);
        if (fits) seen += 1;
      });
      if (none) none.hidden = seen > 0;
    }
    all(box, "thead button").forEach(function (button) {
      button.addEventListener("click", function () {
        var head = button.closest("th"), at = head.cellIndex, down = head.getAttribute("aria-sort") !== "descending";
        all(box, "thead th").forEach(function (h) { h.removeAttribute("aria-sort"); });
        if (!head.classList.contains("n") && !head.dataset.seen) { down = false; head.dataset.seen = "1"; }
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        var sign = down ? -1 : 1, language = document.documentElement.lang;
        rows.sort(function (a, b) {
          var x = value(a.cells[at]), y = value(b.cells[at]);
          if (x !== null || y !== null) {
            if (x === null) return 1;
            if (y === null) return -1;
            return sign * (x - y);
          }
          return sign * text(a.cells[at]).localeCompare(text(b.cells[at]), language, { numeric: true });
        });
        rows.forEach(function (r) { body.appendChild(r); });
        show();
      });
    });
    filters.forEach(function (f) { f.addEventListener("change", show); });
    if (search) search.addEventListener("input", show);
    if (more) more.addEventListener("click", function () {
      var on = box.classList.toggle("all");
      more.setAttribute("aria-expanded", String(on));
      more.textContent = on ? more.dataset.less : more.dataset.more;
    });
  }
  all(document, "[data-table]").forEach(setUp);

  all(document, "a[data-pick]").forEach(function (link) {
    link.addEventListener("click", function () {
      var select = document.querySelector("#drill select[data-key=title]");
      if (!select) return;
      select.value = link.dataset.pick;
      select.dispatchEvent(new Event("change"));
    });
  });

  // What is folded on the screen stands on paper.
  var folded = [];
  window.addEventListener("beforeprint", function () {
    folded = all(document, "details:not([open])");
    folded.forEach(function (d) { d.open = true; });
  });
  window.addEventListener("afterprint", function () { folded.forEach(function (d) { d.open = false; }); });

  var toc = all(document, "nav.toc a");
  if (toc.length && "IntersectionObserver" in window) {
    var watch = new IntersectionObserver(function (seen) {
      seen.forEach(function (s) {
        if (!s.isIntersecting) return;
        toc.forEach(function (a) { a.classList.toggle("here", a.getAttribute("href") === "#" + s.target.id); });
      });
    }, { rootMargin: "-20% 0px -70% 0px" });
    all(document, "section.part").forEach(function (s) { watch.observe(s); });
  }

  var turns = all(document, "ol.turns li"), players = all(document, "audio");
  if (!turns.length && !players.length) return;
  var chart = document.querySelector("svg.timeline");
  var head = chart && chart.querySelector(".head"), words = [], lit = null, now = null;

  turns.forEach(function (turn) {
    if (!turn.dataset.w) return;
    var places = turn.dataset.w.split(" ").map(function (p) { p = p.split("@"); return { at: +p[0], t: +p[1] }; });
    var walker = document.createTreeWalker(turn.querySelector(".say"), NodeFilter.SHOW_TEXT), nodes = [], offset = 0;
    while (walker.nextNode()) nodes.push(walker.currentNode);
    nodes.forEach(function (node) {
      var letters = node.data, made = document.createDocumentFragment(), from = 0;
      var inside = places.filter(function (p) { return p.at >= offset && p.at < offset + letters.length; });
      inside.forEach(function (p, i) {
        var start = p.at - offset, end = i + 1 < inside.length ? inside[i + 1].at - offset : letters.length;
        if (start > from) made.appendChild(document.createTextNode(letters.slice(from, start)));
        var span = document.createElement("span");
        span.className = "w";
        span.textContent = letters.slice(start, end);
        span.dataset.t = p.t;
        made.appendChild(span);
        words.push({ t: p.t, node: span });
        from = end;
      });
      if (from < letters.length) made.appendChild(document.createTextNode(letters.slice(from)));
      node.parentNode.replaceChild(made, node);
      offset += letters.length;
    });
  });
  words.sort(function (a, b) { return a.t - b.t; });

  function clipOf(t) {
    return players.filter(function (p) { return t >= +p.dataset.start - 0.05 && t < +p.dataset.end; })[0];
  }
  function mark(t) {
    if (head) head.setAttribute("x", Math.min(100, t / +chart.dataset.total * 100).toFixed(2) + "%");
    var turn = null;
    turns.forEach(function (u) { if (t >= +u.dataset.s - 0.02 && t < +u.dataset.e + 0.02) turn = u; });
    if (turn !== now) {
      if (now) now.classList.remove("now");
      if (turn) turn.classList.add("now");
      now = turn;
    }
    var low = 0, high = words.length;
    while (low < high) { var mid = (low + high) >> 1; if (words[mid].t <= t + 0.02) low = mid + 1; else high = mid; }
    var word = turn && low > 0 && turn.contains(words[low - 1].node) ? words[low - 1].node : null;
    if (word !== lit) {
      if (lit) lit.classList.remove("now");
      if (word) word.classList.add("now");
      lit = word;
    }
  }
  function go(t, play) {
    var player = clipOf(t);
    mark(t);
    if (now) now.scrollIntoView({ block: "center" });
    if (!player) return;
    players.forEach(function (p) { if (p !== player) p.pause(); });
    var seek = function () { player.currentTime = Math.max(0, t - +player.dataset.start); if (play) player.play().catch(function () {}); };
    if (player.readyState >= 1) seek(); else player.addEventListener("loadedmetadata", seek, { once: true });
  }
  players.forEach(function (p) {
    function follow() { mark(+p.dataset.start + p.currentTime); if (!p.paused) requestAnimationFrame(follow); }
    p.addEventListener("play", function () { players.forEach(function (o) { if (o !== p) o.pause(); }); follow(); });
    p.addEventListener("seeked", follow);
    p.addEventListener("timeupdate", function () { if (now && !p.paused) { var r = now.getBoundingClientRect(); if (r.top < 160 || r.bottom > innerHeight) now.scrollIntoView({ block: "center" }); } });
  });
  turns.forEach(function (u) {
    u.querySelector("button").addEventListener("click", function () { go(+u.dataset.s, true); });
    u.addEventListener("click", function (e) { if (e.target.dataset && e.target.dataset.t) go(+e.target.dataset.t, true); });
  });
  if (chart) chart.addEventListener("click", function (e) {
    var flag = e.target.closest("[data-t]"), box = chart.getBoundingClientRect();
    go(flag ? +flag.dataset.t : (e.clientX - box.left) / box.width * +chart.dataset.total, true);
  });
  function fromHash(play) {
    var found = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);
    if (found) go(+found[1], play);
  }
  all(document, "a[href^='#t=']").forEach(function (a) {
    a.addEventListener("click", function (e) { if (location.hash === a.getAttribute("href")) fromHash(true); });
  });
  window.addEventListener("hashchange", function () { fromHash(true); });
  fromHash(false);
})();
