// What pages gain when scripts run; without them everything still works.
// A region with data-live-url is fetched again and again while somebody looks at it, and not otherwise.

import { createAll, Button, ErrorSummary, ServiceNavigation, SkipLink } from "./vendor/govuk-frontend-6.6.0/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const component of [Button, ErrorSummary, ServiceNavigation, SkipLink]) createAll(component);

const region = document.querySelector("[data-live-url]");
if (region) keepFresh(region, document.querySelector("[data-live-toggle]"));

function keepFresh(region, toggle) {
  const intervalMs = Number(region.dataset.liveIntervalMs);
  let isPaused = false;
  let timer;

  // Never swaps what somebody is using: neither while the focus is inside nor while text is marked there.
  const isInUse = () => region.contains(document.activeElement) || (!getSelection().isCollapsed && region.contains(getSelection().anchorNode));

  async function refresh() {
    if (!isPaused && !document.hidden && !isInUse()) {
      try {
        const answer = await fetch(region.dataset.liveUrl, { redirect: "error" });
        if (answer.ok) {
          const html = await answer.text();
          if (!isPaused && !isInUse()) region.innerHTML = html;
        }
      } catch {
        // The server is away or the session has ended: what is shown stays, and the next turn tries again.
      }
    }
    schedule();
  }

  function schedule() {
    clearTimeout(timer);
    if (!isPaused && !document.hidden) timer = setTimeout(refresh, intervalMs);
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));
  if (toggle) {
    toggle.hidden = false;
    toggle.addEventListener("click", () => {
      isPaused = !isPaused;
      toggle.textContent = isPaused ? toggle.dataset.textResume : toggle.dataset.textPause;
      if (!isPaused) refresh();
    });
  }
  schedule();
}
