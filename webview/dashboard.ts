/** The page as a whole: messages come in, components are brought up to date, choices are kept. */
import * as l10n from "@vscode/l10n";
import { browserClock } from "./browserClock.js";
import { Announcer } from "./components/announcer.js";
import { Controls } from "./components/controls.js";
import { LogPanel } from "./components/logPanel.js";
import { Header } from "./components/header.js";
import { Messages } from "./components/messages.js";
import { MetricPanel } from "./components/metricPanel.js";
import { ResultsPanel } from "./components/resultsPanel.js";
import { StageList } from "./components/stageList.js";
import { ValidationPanel } from "./components/validationPanel.js";
import { element } from "./dom.js";
import { RemainingTime } from "./eta.js";
import { stageLabels } from "./labels.js";
import type { Parsed } from "./messages.js";
import { Redraw } from "./scheduler.js";
import { Store } from "./store.js";
import { observeTheme, readTheme } from "./theme.js";
import type { Transport } from "./transport.js";
import type { ViewState } from "./viewState.js";
import type { RunSnapshot } from "../src/protocol/runSnapshot.js";

/** Builds the dashboard inside `root` and starts to listen. */
export function startDashboard(root: HTMLElement, transport: Transport): void {
  const store = new Store();
  const remaining = new RemainingTime();
  const announcer = new Announcer();
  const redraw = new Redraw(draw, browserClock);
  const ask = (now: boolean): void => redraw.request(now);
  const post = transport.post.bind(transport);
  const change = (part: Partial<ViewState>): void => {
    transport.state = { ...transport.state, ...part };
  };
  const controls = new Controls(post);
  const header = new Header(controls.element);
  const messages = new Messages(post);
  const stages = new StageList();
  const say = announcer.say.bind(announcer);
  const compare = (directories: readonly string[]): void => post({ type: "compare", directories });
  const metrics = new MetricPanel(transport.state, { change, redraw: ask, say, compare });
  const validation = new ValidationPanel({ redraw: ask, say });
  const results = new ResultsPanel(transport.state, { change, redraw: ask, post });
  const log = new LogPanel(transport.state, { change, want: (wanted) => post({ type: "log", wanted }) });
  const main = element("main", {}, metrics.element, validation.element, results.element, log.element);
  const content = element("div", { class: "content" }, stages.element, main);
  const connecting = element("p", { class: "empty connecting", text: l10n.t("Reading the run…"), attributes: { role: "status" } });
  let theme = readTheme();
  let spoken = "";

  root.append(header.element, messages.element, content, connecting, announcer.element);
  header.element.hidden = content.hidden = true;
  observeTheme(() => {
    theme = readTheme();
    redraw.request(true);
  });
  // Durations go on between messages.
  setInterval(() => {
    if (store.state?.run.status === "running" && !document.hidden) redraw.request();
  }, 1000);
  transport.listen(receive);
  // What was chosen before the page was hidden.
  if (transport.state.compared.length > 0) compare(transport.state.compared);

  function receive({ message, problems }: Parsed): void {
    if (message?.type === "snapshot") messages.clearNotes();
    messages.note(problems);
    if (message !== null) {
      if (!store.apply(message)) {
        post({ type: "ready" });
        return;
      }
      if (message.type === "snapshot" || message.type === "append") {
        remaining.observe(message.run);
        speak(message.run);
      }
    }
    redraw.request();
  }

  function speak(run: RunSnapshot): void {
    const stage = run.currentStage === null ? "" : `: ${stageLabels[run.currentStage].name}`;
    const text = `Run ${run.status}${stage}`;
    if (text !== spoken) announcer.say(text);
    spoken = text;
  }

  function draw(): void {
    const { state } = store;
    messages.update(state?.run ?? null, state?.notices ?? []);
    if (state === null) return;
    connecting.hidden = true;
    header.element.hidden = content.hidden = false;
    const now = Date.now();
    const { run, buffers } = state;
    const current = run.currentStage;
    header.update(state, remaining.seconds(run, current === null ? undefined : buffers.get(current)), now);
    controls.update(run);
    stages.update(run, now);
    const { name } = state.identity;
    const { others } = state.facts;
    metrics.draw({ name, buffers, compared: store.compared, others, current, waiting: waitingText(run) }, theme);
    validation.draw(state.identity, run.validations, theme);
    results.draw(state.results, theme);
    log.draw(store.tail);
  }
}

function waitingText(run: RunSnapshot): string {
  if (run.status !== "running") return l10n.t("This run has no training steps.");
  const before = run.currentStage === null ? "" : ` ${l10n.t("Now: {0}.", stageLabels[run.currentStage].name.toLowerCase())}`;
  return run.currentStage === "extend"
    ? l10n.t("Waiting for the first step.")
    : `${l10n.t("Curves appear with the first training step.")}${before}`;
}
