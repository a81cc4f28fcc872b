'use strict';
// The page of the agent. Everything that comes from the agent is untrusted text: it reaches the document through show() and text nodes only.

// ---- Limits and small words

const RECONNECT_MS = [1000, 2000, 4000, 5000];
const SILENCE_MS = 15000; // The agent sends every 2 s. After this silence, the connection is considered dead.
const HIDDEN_MS = 60000; // A tab that nobody sees is disconnected after this time, to spare the agent.
const MAX_EVENT_CHARS = 16 * 1024 * 1024;
const MAX_TAIL_LINES = 500;
const MAX_LINE_CHARS = 16 * 1024;
const MAX_FOLDED_CHARS = 1000;
const OVERSCAN_ROWS = 8;

const $ = id => document.getElementById(id);
const capital = text => text ? text[0].toUpperCase() + text.slice(1) : '';
const join = (...parts) => parts.filter(Boolean).join(' · ');
const plural = (count, one, many = one + 's') => `${number(count)} ${count === 1 ? one : many}`;

// ---- Text

// Makes control characters, escapes and marks of direction visible, so that a terminal's colors or a reversed name can't mislead.
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const CONTROL_NAMES = 'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(' ');
const visible = match => `\u2039${CONTROL_NAMES[match.charCodeAt(0)] ?? `U+${match.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`}\u203a`;
const show = value => String(value ?? '').replace(CONTROLS, visible);

function put(node, text) {
  const shown = show(text);
  if (node.shownText !== shown) {
    node.shownText = shown;
    node.textContent = shown;
  }
}

function mark(node, name, value) {
  const current = node.getAttribute(name);
  if (value === null || value === undefined) {
    if (current !== null) node.removeAttribute(name);
  } else if (current !== String(value)) {
    node.setAttribute(name, value);
  }
}

function hide(node, isHidden) {
  if (node.hidden !== isHidden) node.hidden = isHidden;
}

// Creates an element. Strings among the children become text.
function make(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) node.append(child instanceof Node ? child : show(child));
  }
  return node;
}

function makeButton(text, className, onClick) {
  const node = make('button', className, text);
  node.type = 'button';
  node.addEventListener('click', onClick);
  return node;
}

// Calls build only if the data changed since the last time.
function rebuild(node, data, build) {
  const key = JSON.stringify(data);
  if (node.builtFrom === key) return;
  node.builtFrom = key;
  node.replaceChildren(...build(data));
}

function httpAddress(text) {
  try {
    const url = new URL(text);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}

function grafanaLink(text, className) {
  const address = httpAddress(text);
  if (!address) return null;
  const link = make('a', className, 'Grafana');
  link.href = address;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  return link;
}

async function copy(text, button) {
  let isCopied = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // The clipboard needs a secure context and a permission. The old way needs neither.
    const focused = document.activeElement;
    const area = make('textarea', 'unseen');
    area.value = text;
    (button.closest('dialog') ?? document.body).append(area);
    area.select();
    isCopied = document.execCommand('copy');
    area.remove();
    focused?.focus({ preventScroll: true });
  }
  const words = button.words ??= button.textContent;
  button.textContent = isCopied ? 'Copied' : 'Can\u2019t copy';
  clearTimeout(button.timer);
  button.timer = setTimeout(() => { button.textContent = words; }, 1500);
}

// ---- Numbers

const integers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayClock = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

const number = value => integers.format(value ?? 0);

function short(value) {
  if (!(value > 0)) return '0';
  if (value < 10) return value.toFixed(1).replace(/\.0$/, '');
  if (value < 1e6) return number(value);
  return value < 1e7 ? `${(value / 1e6).toFixed(2)} M` : value < 1e9 ? `${(value / 1e6).toFixed(0)} M` : `${(value / 1e9).toFixed(2)} G`;
}

function bytes(value) {
  let rest = value ?? 0;
  if (rest < 1024) return `${number(rest)} B`;
  let unit = -1;
  do {
    rest /= 1024;
    unit++;
  } while (rest >= 999.5 && unit < 4);
  return `${rest < 10 ? rest.toFixed(1) : number(rest)} ${['KiB', 'MiB', 'GiB', 'TiB', 'PiB'][unit]}`;
}

function duration(seconds) {
  const value = Math.max(0, seconds ?? 0);
  if (value < 0.0005) return '0 s';
  if (value < 0.01) return `${Math.round(value * 1000)} ms`;
  if (value < 9.95) return `${value.toFixed(value < 0.1 ? 2 : 1)} s`;
  if (value < 99.5) return `${Math.round(value)} s`;
  const minutes = Math.round(value / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const latency = seconds => seconds < 0.9995 ? `${Math.round(seconds * 1000)} ms` : duration(seconds);
const percent = value => `${value < 10 ? (value ?? 0).toFixed(1) : number(value)} %`;

// ---- What the agent said

const agent = {
  status: null,
  rows: new Map(), // by key
  commit: null, // of the agent that served this page
  clockOffset: 0, // agent's clock minus the browser's, in ms
};

const ageSeconds = time => (Date.now() + agent.clockOffset - Date.parse(time)) / 1000;
const ago = time => `${duration(ageSeconds(time))} ago`;

function moment(time) {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '';
  return Math.abs(Date.now() - date) < 20 * 3600 * 1000 ? clock.format(date) : dayClock.format(date);
}

const STATES = { // the order is the order of sorting: worst first
  unreadable: { rank: 0, tone: 'problem', text: 'Can\u2019t read' },
  paused: { rank: 1, tone: 'problem', text: 'Paused' },
  'catching up': { rank: 2, tone: 'notice', text: 'Catching up' },
  limited: { rank: 3, tone: 'notice', text: 'Limited' },
  waiting: { rank: 4, tone: 'quiet', text: 'Waiting' },
  shipping: { rank: 5, tone: 'ok', text: 'Shipping' },
  idle: { rank: 6, tone: 'quiet', text: 'Idle' },
  gone: { rank: 7, tone: 'quiet', text: 'Gone' },
};
const stateOf = row => Object.hasOwn(STATES, row.state) ? STATES[row.state] : { rank: 4, tone: 'quiet', text: capital(row.state) };

function take(status) {
  agent.clockOffset = Date.parse(status.time) - Date.now();
  agent.status = status;
  if (status.isFull) agent.rows.clear();
  for (const row of status.streams ?? []) {
    row.state ??= '';
    row.searched = show([row.key, row.namespace, row.pod, row.container, row.state, row.labels].filter(Boolean).join('\n')).toLowerCase();
    agent.rows.set(row.key, row);
  }
  for (const key of status.gone ?? []) agent.rows.delete(key);
  const build = `${status.version} ${status.commit}`;
  agent.commit ??= build;
  hide($('stale'), agent.commit === build);
  renderStatus(status);
  if (status.isFull || status.streams?.length || status.gone?.length) renderTable(status.isFull ? null : (status.streams ?? []).map(row => row.key));
}

// ---- Server-sent events, with fetch: unlike EventSource, it shows the text of a refusal

class Refused extends Error {
  constructor(status, text) {
    super(text || `HTTP ${status}`);
    this.status = status;
  }
}

async function textOf(response) {
  return (await response.text()).slice(0, 4000).trim();
}

// Calls onEvent(name, data) for each event, and onBytes for each piece that arrives. Returns when the stream ends.
async function readEvents(address, signal, onEvent, onOpen, onBytes) {
  const response = await fetch(address, { signal, cache: 'no-store', headers: { Accept: 'text/event-stream' } });
  if (!response.ok) throw new Refused(response.status, await textOf(response));
  onOpen();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onBytes?.();
    const from = Math.max(0, rest.length - 1);
    rest += value;
    if (rest.length > MAX_EVENT_CHARS) throw new Error('The agent sent an event that is too large.');
    if (rest.indexOf('\n\n', from) < 0) continue;
    const blocks = rest.split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      let name = 'message';
      const data = [];
      for (const line of block.split('\n')) {
        if (line.startsWith('event:')) name = line.slice(6).trim();
        if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
      }
      if (data.length) onEvent(name, data.join('\n'));
    }
  }
}

const connection = { abort: null, attempt: 0, lostSince: null, reason: '', retryAt: 0, retryTimer: 0, watchdog: 0, isWanted: true };

async function connect() {
  clearTimeout(connection.retryTimer);
  connection.abort?.abort();
  const abort = connection.abort = new AbortController();
  const watch = () => {
    clearTimeout(connection.watchdog);
    connection.watchdog = setTimeout(() => abort.abort(new Error('Nothing arrives any more.')), SILENCE_MS);
  };
  let reason = 'The connection ended.';
  try {
    watch();
    await readEvents('api/events', abort.signal, (name, data) => {
      if (name !== 'status') return;
      take(JSON.parse(data));
      connection.attempt = 0;
      connection.lostSince = null;
      renderConnection();
    }, () => {}, watch);
  } catch (error) {
    reason = error instanceof Refused ? error.message : abort.signal.aborted ? 'Nothing arrives any more.' : '';
    if (!(error instanceof Refused || error instanceof TypeError || error.name === 'AbortError' || abort.signal.aborted)) console.error(error);
  }
  if (connection.abort !== abort) return; // A newer connection has taken over.
  clearTimeout(connection.watchdog);
  if (!connection.isWanted) return;
  connection.reason = reason;
  connection.lostSince ??= Date.now();
  const wait = RECONNECT_MS[Math.min(connection.attempt++, RECONNECT_MS.length - 1)];
  connection.retryAt = Date.now() + wait;
  connection.retryTimer = setTimeout(connect, wait);
  renderConnection();
}

function renderConnection() {
  const isLost = connection.lostSince !== null;
  hide($('lost'), !isLost);
  document.documentElement.classList.toggle('is-lost', isLost);
  mark($('link'), 'data-state', isLost ? 'lost' : agent.status ? 'live' : 'waiting');
  put($('link'), isLost ? 'No connection' : agent.status ? 'Live' : 'Connecting');
  if (!isLost) return;
  document.title = 'No answer · Shipper';
  paintIcon('none');
  put($('lost-title'), `The agent does not answer since ${clock.format(connection.lostSince)}.`);
  put($('lost-text'), `${connection.reason || 'If you use kubectl port-forward, check that it still runs.'} ${
    agent.status ? 'What you see below is from before that. ' : ''}The page tries again by itself.`);
}

document.addEventListener('visibilitychange', () => {
  clearTimeout(connection.hiddenTimer);
  if (document.hidden) {
    connection.hiddenTimer = setTimeout(() => {
      connection.isWanted = false;
      connection.abort?.abort();
      clearTimeout(connection.retryTimer);
    }, HIDDEN_MS);
  } else if (!connection.isWanted) {
    connection.isWanted = true;
    connect();
  }
});

// ---- Overview

const SIGNS = { ok: 'M7 12.5l3.5 3.5L17 9', notice: 'M12 6.5v7M12 17v.5', problem: 'M8 8l8 8M16 8l-8 8', none: 'M8 12h8' };
const ICON_COLORS = { ok: '#1a7f4b', notice: '#b87400', problem: '#c62828', none: '#7a8594' };

function paintIcon(severity) {
  const image = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="12" fill="${ICON_COLORS[severity]}"/><path d="${SIGNS[severity]}" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"/></svg>`;
  mark($('icon'), 'href', `data:image/svg+xml,${encodeURIComponent(image)}`);
}

const severityOf = value => Object.hasOwn(SIGNS, value) ? value : 'none';

// Rows of a list of facts: { label, value, tone, ratio, title }. Keeps the elements if the labels are the same.
function renderFacts(list, facts) {
  const wanted = facts.filter(Boolean);
  const shape = JSON.stringify(wanted.map(fact => [fact.label, fact.ratio !== undefined, fact.isWide]));
  if (list.shape !== shape) {
    list.shape = shape;
    list.replaceChildren(...wanted.map(fact => {
      const row = make('div', fact.isWide ? 'wide' : '', make('dt', '', fact.label), make('dd'));
      row.value = row.lastChild.appendChild(make('span'));
      if (fact.ratio !== undefined) row.bar = row.lastChild.appendChild(makeBar());
      return row;
    }));
  }
  wanted.forEach((fact, index) => {
    const row = list.children[index];
    put(row.value, fact.value);
    mark(row, 'data-tone', fact.tone ?? null);
    mark(row.value, 'title', fact.title ? show(fact.title) : null);
    if (row.bar) mark(row.bar.firstChild, 'width', `${Math.min(100, Math.max(0, fact.ratio * 100)).toFixed(1)}%`);
  });
}

function svg(tag, attributes) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

function makeBar() {
  const bar = svg('svg', { class: 'meter', width: '100%', height: 4, 'aria-hidden': 'true' });
  bar.append(svg('rect', { class: 'full', height: 4, width: 0, rx: 2 }));
  return bar;
}

function renderSpark(tile, values, format) {
  const image = tile.querySelector('.spark');
  const key = (values ?? []).join();
  if (image.drawnFrom === key) return;
  image.drawnFrom = key;
  const points = values ?? [];
  const max = Math.max(...points, 0);
  const step = 180 / 89;
  const start = 180 - (points.length - 1) * step;
  const path = points.map((value, index) =>
    `${index ? 'L' : 'M'}${(start + index * step).toFixed(1)} ${(33 - (max ? value / max : 0) * 30).toFixed(1)}`).join('');
  image.querySelector('.line').setAttribute('d', points.length > 1 ? path : '');
  image.querySelector('.area').setAttribute('d', points.length > 1 ? `${path}L180 36L${start.toFixed(1)} 36Z` : '');
  mark(image, 'aria-label', `Last 15 minutes, at most ${format(max)}`);
}

function renderTile(id, figure, detail, tone) {
  const tile = $(id);
  const [, value, unit] = /^(\S+) (\S+\/s)$/.exec(figure) ?? [null, figure, ''];
  put(tile.querySelector('.figure b'), value);
  put(tile.querySelector('.figure small'), unit);
  put(tile.querySelector('.detail'), detail);
  mark(tile, 'data-tone', tone ?? null);
  return tile;
}

const sum = (list, field) => (list ?? []).reduce((total, item) => total + (item[field] ?? 0), 0);
const byName = list => (list ?? []).map(item => ({ label: item.reason, value: item.records ?? item.bytes }));

function renderStatus(status) {
  const verdict = status.verdict;
  const severity = severityOf(verdict.severity);
  document.title = `${capital(show(verdict.state))} · ${show(status.node || 'Shipper')}`;
  paintIcon(severity);
  mark($('verdict'), 'data-severity', severity);
  mark($('verdict-sign'), 'd', SIGNS[severity]);
  put($('verdict-state'), capital(verdict.state));
  put($('verdict-text'), verdict.text);
  put($('verdict-remedy'), verdict.remedy);
  hide($('verdict-remedy'), !verdict.remedy);
  put($('verdict-since'), verdict.since ? `for ${duration(ageSeconds(verdict.since))}, since ${moment(verdict.since)}` : '');
  if ($('spoken').state !== verdict.state) { // Only changes of the state are spoken: the sentence changes all the time.
    $('spoken').state = verdict.state;
    put($('spoken'), `${capital(verdict.state)}. ${verdict.text} ${verdict.remedy}`);
  }

  put($('node'), status.node || '');
  put($('about'), join(status.cluster, status.environment, `version ${status.version}`, `up ${duration(status.uptimeSeconds)}`));
  mark($('about'), 'title', `Commit ${show(status.commit)}, started ${show(status.startedAt)}`);

  const { rates, lag, history = {} } = status;
  renderSpark(renderTile('tile-read', `${bytes(rates.readBytesPerSecond)}/s`, `${short(rates.readRecordsPerSecond)} records/s`), history.readBytesPerSecond, value => `${bytes(value)}/s`);
  renderSpark(renderTile('tile-sent', `${short(rates.sentRecordsPerSecond)} records/s`, `${bytes(rates.sentBytesPerSecond)}/s compressed`), history.sentRecordsPerSecond, value => `${short(value)} records/s`);
  renderSpark(renderTile('tile-lag', duration(lag.seconds), `${bytes(lag.bytes)} not in Loki yet`, lag.seconds > 60 ? 'notice' : null), history.lagBytes, bytes);
  const untilLoss = lag.lossInSeconds ?? null;
  renderTile('tile-deadline', untilLoss === null ? 'None expected' : duration(untilLoss),
    untilLoss === null ? 'No unread log is about to be deleted' : 'until unread logs are deleted', untilLoss === null ? null : untilLoss < 3600 ? 'problem' : 'notice');
  const lost = sum(status.lost, 'bytes');
  const dropped = sum(status.dropped, 'records');
  renderTile('tile-lost', lost ? bytes(lost) : 'Nothing', dropped ? `${plural(dropped, 'record')} dropped on purpose` : 'and no record dropped', lost ? 'problem' : null);

  renderAttention(status);
  renderSide(status);
  renderWarnings(status.warnings ?? []);
  renderConfiguration(status.configuration);
  if ($('explain').open) renderExplainFacts();
}

function renderAttention(status) {
  const items = [];
  const add = (tone, title, text, remedy) => items.push({ tone, title, text: text || '', remedy: remedy || '' });
  const { configuration, journal, kubernetes, loki } = status;
  if (loki.failing && !status.verdict.state.startsWith('Loki')) add('problem', loki.failing.kind === 'refused' ? 'Loki refuses records' : 'Loki can\u2019t be reached', loki.failing.response);
  if (status.stalled) add('problem', 'The agent is stalled', 'A part of the agent makes no progress. Kubernetes will restart it.');
  if (configuration.refused) add('problem', `The configuration of ${moment(configuration.refused.at)} was refused`, configuration.refused.reason, 'The agent works with the one before. Correct the file: the agent loads it by itself.');
  for (const item of status.unreadable ?? []) add('problem', `Can\u2019t read ${item.path}`, item.text, item.remedy);
  for (const item of journal.problems ?? []) add('problem', `Journal ${item.path}`, item.text, item.remedy);
  if (kubernetes.state === 'not connected') add('notice', 'Kubernetes is not connected', kubernetes.text);
  if (configuration.needsRestart?.length) add('notice', 'Changes wait for a restart of the agent', configuration.needsRestart.join('\n'));
  hide($('attention'), !items.length);
  rebuild($('attention-list'), items, () => {
    const shown = items.slice(0, 12).map(item => {
      const node = make('li', '', make('strong', '', item.title), item.text && make('p', '', item.text), item.remedy && make('p', 'remedy', item.remedy));
      node.dataset.tone = item.tone;
      return node;
    });
    if (items.length > 12) shown.push(make('li', 'more', `And ${number(items.length - 12)} more. The API shows all: api/status.`));
    return shown;
  });
}

function renderSide(status) {
  const { loki, journal, kubernetes } = status;
  const failing = loki.failing;
  const seconds = failing?.nextRetry ? -ageSeconds(failing.nextRetry) : null;
  renderFacts($('loki'), [
    { label: 'Address', value: loki.url, isWide: true },
    loki.tenant && { label: 'Tenant', value: loki.tenant },
    { label: 'Last success', value: loki.lastSuccess ? ago(loki.lastSuccess) : 'none yet', title: loki.lastSuccess },
    failing ? { label: 'Last error', value: failing.response, tone: 'problem', isWide: true } : { label: 'Last response', value: loki.lastResponse ?? 'none yet' },
    failing && { label: 'Failing for', value: duration(ageSeconds(failing.since)), tone: 'problem', title: failing.since },
    failing && { label: 'Next retry', value: seconds === null ? 'none' : seconds > 0 ? `in ${duration(Math.ceil(seconds))}` : 'now' },
    failing && { label: 'Waiting', value: plural(failing.waitingRecords, 'record') },
    { label: 'Latency', value: loki.latencySeconds ? `${latency(loki.latencySeconds.p50)}, p99 ${latency(loki.latencySeconds.p99)}` : 'not known yet' },
    { label: 'Retries', value: number(loki.retries) },
    { label: 'Records sent', value: number(status.records.sent) },
    status.records.possibleDuplicates > 0 && { label: 'Possible duplicates', value: number(status.records.possibleDuplicates), tone: 'notice' },
    ...(loki.responses ?? []).map(item => ({ label: `Response: ${item.status}`, value: `${number(item.requests)}×` })),
  ]);
  const losses = [
    ...(status.lost ?? []).map(item => ({ label: `Lost: ${item.reason}`, value: bytes(item.bytes), tone: 'problem' })),
    ...byName(status.dropped).map(item => ({ label: `Dropped: ${item.label}`, value: plural(item.value, 'record') })),
  ];
  renderFacts($('losses'), losses.length ? losses : [{ label: `Since ${moment(status.startedAt)}`, value: 'Nothing' }]);
  const directories = journal.directories ?? [];
  renderFacts($('sources'), [
    { label: 'Logs', value: number(agent.rows.size) },
    { label: 'Excluded', value: number(status.excludedLogs) },
    { label: 'Can\u2019t be read', value: number(status.unreadable?.length), tone: status.unreadable?.length ? 'problem' : null },
    { label: 'Kubernetes', value: kubernetes.state === 'off' ? 'off' : kubernetes.text, tone: kubernetes.state === 'not connected' ? 'notice' : null },
    { label: 'Journal', value: journal.state, tone: journal.state === 'not reading' ? 'notice' : null },
    ...directories.map(item => ({ label: item.path, value: item.isReading ? 'reading' : 'not reading' })),
  ]);
  renderFacts($('agent'), [
    { label: 'Buffer', value: `${bytes(status.buffer.bytes)} of ${bytes(status.buffer.limitBytes)}`, ratio: status.buffer.bytes / (status.buffer.limitBytes || 1) },
    { label: 'Deleted files held', value: `${bytes(status.held.bytes)} of ${bytes(status.held.limitBytes)}`, ratio: status.held.bytes / (status.held.limitBytes || 1) },
    { label: 'Open files', value: `${number(status.files.open)} of ${number(status.files.limit)}` },
    { label: 'CPU', value: `${percent(status.process.cpuPercent)} of one core` },
    { label: 'Memory', value: bytes(status.process.residentBytes) },
  ]);
  const levels = levelsOf(status.levels);
  hide($('levels-card'), !levels.length);
  renderLevels($('levels-bar'), levels);
  renderFacts($('levels'), levels.map(item => ({ label: item.name, value: number(item.count), tone: `level-${item.tone}` })));
  const processed = status.processed ?? [];
  hide($('processed-card'), !processed.length);
  renderFacts($('processed'), processed.map(item => ({ label: join(item.stage, item.rule), value: plural(item.records, 'record') })));
}

const LEVELS = ['fatal', 'critical', 'error', 'warn', 'warning', 'info', 'debug', 'trace', 'unknown', 'none'];
const LEVEL_TONES = { fatal: 'error', critical: 'error', error: 'error', warn: 'warn', warning: 'warn', info: 'info', debug: 'debug', trace: 'debug' };
const levelTone = name => Object.hasOwn(LEVEL_TONES, name) ? LEVEL_TONES[name] : 'none';

function levelsOf(levels) {
  const rank = name => LEVELS.includes(name) ? LEVELS.indexOf(name) : LEVELS.length;
  return Object.entries(levels ?? {}).filter(item => item[1] > 0).sort((a, b) => rank(a[0]) - rank(b[0]))
    .map(([name, count]) => ({ name, count, tone: levelTone(name) }));
}

function renderLevels(bar, levels) {
  const total = sum(levels, 'count') || 1;
  let left = 0;
  rebuild(bar, levels, () => levels.map(item => {
    const width = item.count * 100 / total;
    const part = svg('rect', { class: `level-${item.tone}`, x: `${left}%`, width: `${width}%`, height: 10 });
    left += width;
    return part;
  }));
}

function renderWarnings(warnings) {
  put($('warnings-count'), warnings.length ? `last ${warnings.length}` : '');
  rebuild($('warnings'), warnings, () => warnings.length === 0 ? [make('li', 'empty', 'No warnings since the agent started.')] : warnings.toReversed().map(item => {
    const time = make('time', '', moment(item.time));
    time.dateTime = show(item.time);
    time.title = show(item.time);
    const node = make('li', '', time, make('b', '', item.level === 'error' ? 'Error' : 'Warning'), make('span', 'stage', item.stage),
      make('span', 'text', item.message, item.suppressed > 0 && make('i', '', ` and ${plural(item.suppressed, 'more like it', 'more like it')}`)));
    node.dataset.tone = item.level === 'error' ? 'problem' : 'notice';
    return node;
  }));
}

// ---- Configuration

function renderConfiguration(configuration) {
  renderFacts($('config-facts'), [
    { label: 'File', value: configuration.path },
    { label: 'Loaded', value: configuration.loadedAt ? `${moment(configuration.loadedAt)}, ${ago(configuration.loadedAt)}` : 'never', title: configuration.loadedAt },
    configuration.refused ? { label: 'Refused', value: `${moment(configuration.refused.at)}: ${configuration.refused.reason}`, tone: 'problem' } : { label: 'Refused', value: 'none' },
    configuration.needsRestart?.length > 0 && { label: 'Needs a restart', value: configuration.needsRestart.join(', '), tone: 'notice' },
  ]);
  if ($('config').open && $('config').loadedAt !== configuration.loadedAt) loadConfiguration();
}

async function loadConfiguration() {
  const node = $('config-text');
  $('config').loadedAt = agent.status?.configuration.loadedAt;
  try {
    const response = await fetch('api/config', { cache: 'no-store' });
    const text = await response.text();
    node.raw = text;
    put(node, response.ok ? text : `The agent refused: ${text}`);
  } catch {
    put(node, 'The agent does not answer. Try again when the connection is back.');
  }
}

$('config').addEventListener('toggle', () => { if ($('config').open) loadConfiguration(); });
$('config-load').addEventListener('click', loadConfiguration);
$('config-copy').addEventListener('click', event => copy($('config-text').raw ?? '', event.currentTarget));

// ---- Table of logs: only the rows in view are in the document

const table = { sort: 'state', isDescending: false, order: [], nodes: new Map(), active: null, terms: [], isBehindOnly: false, rowHeight: 0, drawn: '' };
const scroller = $('scroller');
const tbody = $('rows');
const topSpace = tbody.appendChild(make('tr', 'space'));
const bottomSpace = tbody.appendChild(make('tr', 'space'));
for (const space of [topSpace, bottomSpace]) {
  space.setAttribute('aria-hidden', 'true');
  space.append(make('td'));
}

const isBehind = row => stateOf(row).rank < 4 || row.lostBytes > 0;
const compareText = (a, b) => a < b ? -1 : a > b ? 1 : 0;
const deadline = row => row.lossDeadlineSeconds ?? Infinity;
const COMPARE = { // each in its natural direction: the most interesting row first
  name: (a, b) => compareText(a.key, b.key),
  state: (a, b) => stateOf(a).rank - stateOf(b).rank || b.lagSeconds - a.lagSeconds || b.lagBytes - a.lagBytes,
  lag: (a, b) => b.lagSeconds - a.lagSeconds || b.lagBytes - a.lagBytes || stateOf(a).rank - stateOf(b).rank,
  rate: (a, b) => b.recordsPerSecond - a.recordsPerSecond || b.bytesPerSecond - a.bytesPerSecond,
  loss: (a, b) => b.lostBytes - a.lostBytes || (deadline(a) === deadline(b) ? 0 : deadline(a) - deadline(b)) || b.droppedRecords - a.droppedRecords,
};

function arrange() {
  const compare = COMPARE[table.sort];
  const sign = table.isDescending ? -1 : 1;
  const rows = [];
  for (const row of agent.rows.values()) {
    if ((!table.isBehindOnly || isBehind(row)) && table.terms.every(term => row.searched.includes(term))) rows.push(row);
  }
  rows.sort((a, b) => sign * compare(a, b) || compareText(a.key, b.key));
  const keys = rows.map(row => row.key);
  // Rows must not move away under the pointer or the focus.
  const isHeld = table.order.length > 0 && !table.isRearranged && (tbody.matches(':hover') || tbody.contains(document.activeElement));
  if (isHeld) {
    const left = new Set(keys);
    const held = table.order.filter(key => left.delete(key));
    table.order = [...held, ...left];
  } else {
    table.order = keys;
  }
  table.isRearranged = false;
}

// changed: the keys whose rows changed; null for all.
function renderTable(changed) {
  arrange();
  const total = agent.rows.size;
  let behind = 0;
  for (const row of agent.rows.values()) if (isBehind(row)) behind++;
  put($('logs-count'), number(total));
  put($('filter-behind'), `Needs a look: ${number(behind)}`);
  mark($('filter-behind'), 'data-tone', behind ? 'notice' : null);
  mark($('table'), 'aria-rowcount', table.order.length + 1);
  hide($('logs-empty'), table.order.length > 0);
  put($('logs-empty'), total === 0 ? 'No logs yet. The agent looks for new files all the time.' : table.isBehindOnly && behind === 0 ? 'No log needs a look.' : 'No log matches the search.');
  put($('logs-foot'), table.order.length === total ? '' : `${number(table.order.length)} of ${plural(total, 'log')}`);
  for (const key of changed ?? table.nodes.keys()) {
    const node = table.nodes.get(key);
    if (node && agent.rows.has(key)) fillRow(node, agent.rows.get(key));
  }
  renderWindow();
}

function renderWindow() {
  const height = table.rowHeight ||= parseInt(getComputedStyle(scroller).getPropertyValue('--row'), 10) || 52;
  const count = table.order.length;
  const first = Math.max(0, Math.min(count, Math.floor(scroller.scrollTop / height)) - OVERSCAN_ROWS);
  const last = Math.min(count, Math.ceil((scroller.scrollTop + scroller.clientHeight) / height) + OVERSCAN_ROWS);
  const keys = table.order.slice(first, last);
  const drawn = `${first} ${count} ${height} ${keys.join('\n')}`;
  if (table.drawn === drawn) return;
  table.drawn = drawn;
  const hadFocus = tbody.contains(document.activeElement);
  const wanted = new Set(keys);
  for (const [key, node] of table.nodes) {
    if (wanted.has(key)) continue;
    table.nodes.delete(key);
    node.remove();
  }
  let before = topSpace.nextSibling;
  keys.forEach((key, index) => {
    let node = table.nodes.get(key);
    if (!node) {
      node = makeRow(key);
      table.nodes.set(key, node);
      fillRow(node, agent.rows.get(key));
    }
    mark(node, 'aria-rowindex', first + index + 2);
    if (node === before) before = before.nextSibling;
    else tbody.insertBefore(node, before);
  });
  setHeight(topSpace, first * height);
  setHeight(bottomSpace, (count - last) * height);
  markActive();
  if (hadFocus && !tbody.contains(document.activeElement)) scroller.focus({ preventScroll: true });
}

function setHeight(space, height) {
  if (space.height === height) return;
  space.height = height;
  space.firstChild.style.height = `${height}px`;
  space.hidden = height <= 0;
}

function makeRow(key) {
  const node = make('tr', 'log');
  node.key = key;
  const cell = (tag, className, ...children) => node.appendChild(make(tag, className, ...children));
  const parts = {
    name: make('span', 'first'), place: make('span', 'second'), phone: make('span', 'third'), state: make('span', 'badge'),
    lag: make('span', 'first'), lagBytes: make('span', 'second'), rate: make('span', 'first'), rateBytes: make('span', 'second'),
    loss: make('span', 'first'), dropped: make('span', 'second'),
  };
  node.parts = parts;
  cell('th', 'c-name', parts.name, parts.place, parts.phone).scope = 'row';
  cell('td', 'c-state', parts.state);
  cell('td', 'c-lag', parts.lag, parts.lagBytes);
  cell('td', 'c-rate', parts.rate, parts.rateBytes);
  cell('td', 'c-loss', parts.loss, parts.dropped);
  const acts = cell('td', 'c-acts');
  parts.copy = acts.appendChild(makeButton('Copy selector', 'small copy', () => copy(agent.rows.get(key)?.labels ?? '', parts.copy)));
  parts.copy.tabIndex = -1;
  parts.acts = acts;
  node.addEventListener('click', event => {
    if (event.target.closest('button, a') || getSelection()?.toString()) return;
    activate(key);
    openRow(key);
  });
  node.addEventListener('focusin', () => { if (table.active !== key) { table.active = key; markActive(); } });
  return node;
}

function fillRow(node, row) {
  const { parts } = node;
  const state = stateOf(row);
  mark(node, 'data-tone', state.tone);
  put(parts.name, row.pod ?? row.key);
  put(parts.place, row.namespace ? join(row.namespace, row.container) : 'file');
  put(parts.phone, join(state.text, row.recordsPerSecond > 0 && `${short(row.recordsPerSecond)}/s`));
  put(parts.state, state.text);
  put(parts.lag, row.lagBytes > 0 || row.lagSeconds > 0 ? duration(row.lagSeconds) : '\u2013');
  put(parts.lagBytes, row.lagBytes > 0 ? bytes(row.lagBytes) : '');
  put(parts.rate, row.recordsPerSecond > 0 ? `${short(row.recordsPerSecond)}/s` : '\u2013');
  put(parts.rateBytes, row.bytesPerSecond > 0 ? `${bytes(row.bytesPerSecond)}/s` : '');
  const isDue = Number.isFinite(row.lossDeadlineSeconds);
  put(parts.loss, row.lostBytes > 0 ? `${bytes(row.lostBytes)} lost` : isDue ? `in ${duration(row.lossDeadlineSeconds)}` : '\u2013');
  mark(parts.loss, 'data-tone', row.lostBytes > 0 ? 'problem' : isDue ? 'notice' : null);
  const dropped = (row.droppedRecords ?? 0) + (row.limitedRecords ?? 0);
  put(parts.dropped, dropped > 0 ? `${short(dropped)} dropped` : '');
  mark(node, 'title', row.lastResponse ? `Loki: ${show(row.lastResponse)}` : show(row.key));
  if (parts.grafanaFrom !== row.grafana) {
    parts.grafanaFrom = row.grafana;
    parts.grafana?.remove();
    parts.grafana = grafanaLink(row.grafana, 'small');
    if (parts.grafana) {
      parts.grafana.tabIndex = -1;
      parts.acts.append(parts.grafana);
    }
  }
}

function markActive() {
  if (!table.active || !table.order.includes(table.active)) table.active = null;
  const entry = table.active ?? table.order[0];
  for (const [key, node] of table.nodes) {
    const index = key === entry ? 0 : -1;
    if (node.tabIndex !== index || !node.hasAttribute('tabindex')) node.tabIndex = index;
    node.classList.toggle('is-active', key === table.active);
    node.parts.copy.tabIndex = index;
    if (node.parts.grafana) node.parts.grafana.tabIndex = index;
  }
}

function activate(key) {
  const index = table.order.indexOf(key);
  if (index < 0) return;
  table.active = key;
  const height = table.rowHeight;
  const head = $('table').tHead.offsetHeight;
  const top = index * height;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (top + height + head > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + height + head - scroller.clientHeight;
  table.drawn = '';
  renderWindow();
  const node = table.nodes.get(key);
  node?.focus({ preventScroll: true });
  if (node && !scroller.matches(':hover')) scroller.scrollIntoView({ block: 'nearest' });
}

function move(by) {
  if (!table.order.length) return;
  const index = table.active ? table.order.indexOf(table.active) : -1;
  activate(table.order[Math.max(0, Math.min(table.order.length - 1, index < 0 ? (by > 0 ? 0 : table.order.length - 1) : index + by))]);
}

function sortBy(name, isDescending = false) {
  table.sort = name;
  table.isDescending = isDescending;
  $('sort').value = name;
  for (const button of document.querySelectorAll('[data-sort]')) {
    // Numbers are interesting from the largest on, names and states from the first on.
    const isNatural = name === 'name' || name === 'state' ? 'ascending' : 'descending';
    const isReverse = isNatural === 'ascending' ? 'descending' : 'ascending';
    mark(button.parentElement, 'aria-sort', button.dataset.sort === name ? (isDescending ? isReverse : isNatural) : null);
  }
  refilter();
}

function refilter() {
  table.terms = show($('search').value).toLowerCase().split(/\s+/).filter(Boolean);
  table.isRearranged = true;
  scroller.scrollTop = 0;
  if (agent.status) renderTable([]);
}

for (const button of document.querySelectorAll('[data-sort]')) {
  button.addEventListener('click', () => sortBy(button.dataset.sort, table.sort === button.dataset.sort && !table.isDescending));
}
$('sort').addEventListener('change', () => sortBy($('sort').value));
$('search').addEventListener('input', refilter);
for (const [id, isBehindOnly] of [['filter-all', false], ['filter-behind', true]]) {
  $(id).addEventListener('click', () => {
    table.isBehindOnly = isBehindOnly;
    mark($('filter-all'), 'aria-pressed', !isBehindOnly);
    mark($('filter-behind'), 'aria-pressed', isBehindOnly);
    refilter();
  });
}
scroller.addEventListener('scroll', renderWindow, { passive: true });
new ResizeObserver(() => {
  table.rowHeight = 0;
  table.drawn = '';
  renderWindow();
}).observe(scroller);

// ---- What is open, in the fragment of the address

const encode = parts => parts.map(encodeURIComponent).join('/');
const go = fragment => { location.hash = fragment; };

function openRow(key) {
  const row = agent.rows.get(key);
  if (row) go(row.namespace && row.pod ? `explain/${encode([row.namespace, row.pod, row.container].filter(Boolean))}` : `log/${encodeURIComponent(key)}`);
}

function openTail(query, stage) {
  const parameters = new URLSearchParams();
  if (query) parameters.set('query', query);
  if (stage && stage !== 'processed') parameters.set('stage', stage);
  const text = parameters.toString();
  go(text ? `tail?${text}` : 'tail');
}

function openDialog(dialog) {
  for (const other of document.querySelectorAll('dialog[open]')) if (other !== dialog) other.close();
  if (!dialog.open) {
    dialog.opener = document.activeElement;
    dialog.showModal();
    dialog.querySelector('[tabindex="-1"]').focus();
  }
}

function route() {
  const fragment = location.hash.slice(1);
  const [kind] = fragment.split(/[/?]/, 1);
  let parts;
  try {
    parts = fragment.slice(kind.length + 1).split('/').map(decodeURIComponent);
  } catch {
    parts = [];
  }
  if (kind !== 'tail') stopTail();
  if (kind === 'explain' && (parts.length === 2 || parts.length === 3)) return explain(parts);
  if (kind === 'log' && parts.length === 1) return explainFile(parts[0]);
  if (kind === 'tail') return routeTail(new URLSearchParams(fragment.slice(kind.length + 1)));
  if (kind === 'configuration') $('config').open = true;
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
}

for (const dialog of document.querySelectorAll('dialog')) {
  dialog.addEventListener('close', () => {
    const isOpenElsewhere = document.querySelector('dialog[open]');
    if (!isOpenElsewhere && dialog.id !== 'keys' && /^#(explain|log|tail)/.test(location.hash)) {
      history.pushState(null, '', location.pathname + location.search);
    }
    if (dialog.id === 'tail') stopTail();
    if (!isOpenElsewhere) dialog.opener?.isConnected && dialog.opener !== document.body ? dialog.opener.focus() : table.active && activate(table.active);
  });
  dialog.addEventListener('click', event => { if (event.target === dialog || event.target.closest('[data-close]')) dialog.close(); });
}
addEventListener('hashchange', route);

// ---- Explain

const explained = { keys: [], abort: null };

// The live figures of the log, from the table. They change while the panel is open.
function renderExplainFacts() {
  for (const list of $('explain-body').querySelectorAll('dl[data-live]')) {
    const row = agent.rows.get(list.key);
    hide(list, !row);
    if (!row) continue;
    const levels = levelsOf(row.levels).map(item => `${item.name} ${number(item.count)}`).join(', ');
    renderFacts(list, [
      { label: 'State', value: stateOf(row).text, tone: stateOf(row).tone },
      { label: 'Lag', value: `${duration(row.lagSeconds)}, ${bytes(row.lagBytes)}` },
      { label: 'Rate', value: `${short(row.recordsPerSecond)} records/s, ${bytes(row.bytesPerSecond)}/s` },
      { label: 'Last acknowledged', value: row.lastAcknowledged ? ago(row.lastAcknowledged) : 'never', title: row.lastAcknowledged },
      { label: 'Records', value: join(number(row.records), row.droppedRecords > 0 && `${number(row.droppedRecords)} dropped`, row.limitedRecords > 0 && `${number(row.limitedRecords)} over a limit`) },
      row.lostBytes > 0 && { label: 'Lost', value: bytes(row.lostBytes), tone: 'problem' },
      Number.isFinite(row.lossDeadlineSeconds) && { label: 'Time until loss', value: duration(row.lossDeadlineSeconds), tone: 'notice' },
      levels && { label: 'Levels', value: levels },
      row.lastResponse && { label: 'Loki said', value: row.lastResponse, tone: 'problem' },
    ]);
  }
}

function liveFacts(key) {
  const list = make('dl', 'live');
  list.dataset.live = '';
  list.key = key;
  return list;
}

function selectorOf(labels) {
  return make('code', 'selector', labels);
}

function logActions(selector, grafana, query) {
  const actions = make('div', 'actions');
  if (selector) actions.append(makeButton('Copy selector', '', event => copy(selector, event.currentTarget)));
  const link = grafanaLink(grafana, 'button');
  if (link) {
    link.textContent = 'Open in Grafana';
    actions.append(link);
  }
  if (query) actions.append(makeButton('Live tail', '', () => openTail(query)));
  return actions;
}

const quote = text => JSON.stringify(text);
function tailQuery(key) {
  const [namespace, pod, container] = key.split('/');
  return `{namespace=${quote(namespace)}, pod=${quote(pod)}${container ? `, container=${quote(container)}` : ''}}`;
}

function toneOf(log) {
  if (log.isDelivered) return 'ok';
  return ['unreadable', 'broken link', 'not mounted', 'refused', 'lost', 'paused'].includes(log.state) ? 'problem' : 'notice';
}

function makeSign(tone) {
  const sign = svg('svg', { class: 'sign', viewBox: '0 0 24 24', role: 'img', 'aria-label': { ok: 'fine', notice: 'note', problem: 'problem', none: '' }[tone] });
  sign.append(svg('circle', { cx: 12, cy: 12, r: 11 }), svg('path', { d: SIGNS[tone] }));
  return sign;
}

function makeLog(log, isAlone) {
  const tone = toneOf(log);
  const steps = make('ol', 'steps');
  for (const step of log.steps ?? []) {
    const stepTone = { ok: 'ok', note: 'notice', problem: 'problem' }[step.state] ?? 'none';
    const item = make('li', '', makeSign(stepTone), make('div', '', make('strong', '', capital(step.name)), make('p', '', step.text), step.remedy && make('p', 'remedy', step.remedy)));
    item.dataset.tone = stepTone;
    steps.append(item);
  }
  const head = make('div', 'result', makeSign(tone), make('div', '', make('strong', '', capital(log.state)), make('p', '', log.summary), log.remedy && make('p', 'remedy', log.remedy)));
  head.dataset.tone = tone;
  const section = make('section', 'one', !isAlone && make('h3', '', log.key), head, logActions(log.selector, log.grafana, tailQuery(log.key)),
    log.selector && selectorOf(log.selector), liveFacts(log.key), steps);
  return section;
}

function startExplain(title) {
  explained.abort?.abort();
  put($('explain-title'), title);
  openDialog($('explain'));
}

async function explain(parts) {
  startExplain(parts.join('/'));
  const body = $('explain-body');
  const abort = explained.abort = new AbortController();
  if (body.target !== parts.join('/')) body.replaceChildren(make('p', 'empty', 'Looking …'));
  body.target = parts.join('/');
  const again = makeButton('Check again', '', () => explain(parts));
  try {
    const response = await fetch(`api/explain/${encode(parts)}`, { signal: abort.signal, cache: 'no-store' });
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    if (!isJson) throw new Refused(response.status, await textOf(response));
    const answer = await response.json();
    const nodes = [];
    if ((answer.logs ?? []).length !== 1) {
      const head = make('div', 'result', makeSign(answer.isDelivered ? 'ok' : 'notice'), make('div', '', make('strong', '', capital(answer.state)), make('p', '', answer.summary)));
      head.dataset.tone = answer.isDelivered ? 'ok' : 'notice';
      nodes.push(head);
    }
    if (answer.nearest?.length) {
      nodes.push(make('h3', '', 'Did you mean'), make('ul', 'nearest', ...answer.nearest.map(name => {
        const link = make('a', '', name);
        link.href = `#explain/${encode(name.split('/'))}`;
        return make('li', '', link);
      })));
    }
    nodes.push(...(answer.logs ?? []).map(log => makeLog(log, answer.logs.length === 1)));
    nodes.push(make('div', 'actions checked', make('span', '', `Checked at ${clock.format(new Date(answer.time))}`), again));
    body.replaceChildren(...nodes);
    renderExplainFacts();
  } catch (error) {
    if (abort.signal.aborted) return;
    body.replaceChildren(make('p', 'banner problem', error instanceof Refused ? error.message : 'The agent does not answer.'), make('div', 'actions', again));
  }
}

function explainFile(key) {
  startExplain(key);
  const row = agent.rows.get(key);
  $('explain-body').target = null;
  $('explain-body').replaceChildren(...(row
    ? [logActions(row.labels, row.grafana, row.labels), selectorOf(row.labels), liveFacts(key)]
    : [make('p', 'empty', agent.status ? 'The agent has no log of this name.' : 'Connecting …')]));
  renderExplainFacts();
}

// ---- Live tail

const tail = { abort: null, queue: [], isPaused: false, timer: 0, shown: 0, skipped: 0, unshown: 0, kept: 0, state: 'stopped' };
const lines = $('tail-lines');
const stream = $('tail-scroller');

function routeTail(parameters) {
  $('tail-query').value = parameters.get('query') ?? '';
  $('tail-stage').value = ['processed', 'read', 'dropped'].includes(parameters.get('stage')) ? parameters.get('stage') : 'processed';
  openDialog($('tail'));
  // A link with a query starts it. Without one, everything would flow: that is for the reader to start.
  if (parameters.get('query')) startTail();
  else if (tail.state === 'stopped') {
    $('tail-query').focus();
    renderTally();
  }
}

async function startTail() {
  stopTail();
  const query = $('tail-query').value.trim();
  const stage = $('tail-stage').value;
  Object.assign(tail, { shown: 0, skipped: 0, unshown: 0, kept: 0, queue: [], isPaused: false, state: 'connecting' });
  lines.replaceChildren();
  put($('tail-error'), '');
  hide($('tail-error'), true);
  const abort = tail.abort = new AbortController();
  renderTally();
  let problem = 'The agent ended the tail.';
  try {
    await readEvents(`api/tap?${new URLSearchParams({ query, stage })}`, abort.signal, (name, data) => {
      if (name === 'record') queueRecord(JSON.parse(data));
      if (name === 'skipped') tail.skipped += JSON.parse(data).records;
      tail.timer ||= setTimeout(flushTail, 200);
    }, () => {
      tail.state = 'running';
      renderTally();
    });
  } catch (error) {
    problem = error instanceof Refused ? error.message : 'The agent does not answer.';
    if (!(error instanceof Refused || error instanceof TypeError || error.name === 'AbortError')) console.error(error);
  }
  if (tail.abort !== abort || abort.signal.aborted) return;
  flushTail();
  put($('tail-error'), problem);
  hide($('tail-error'), false);
  tail.abort = null;
  tail.state = 'stopped';
  renderTally();
}

function stopTail() {
  tail.abort?.abort();
  tail.abort = null;
  if (tail.state === 'stopped') return;
  tail.isPaused = false;
  flushTail();
  tail.state = 'stopped';
  renderTally();
}

function queueRecord(record) {
  const isCut = record.line.length > MAX_LINE_CHARS;
  if (isCut) record.line = record.line.slice(0, MAX_LINE_CHARS);
  for (const change of record.changes ?? []) if (change.line?.length > MAX_LINE_CHARS) change.line = change.line.slice(0, MAX_LINE_CHARS);
  record.isCut = isCut || record.lineBytes > MAX_LINE_CHARS;
  tail.queue.push(record);
  if (tail.queue.length > MAX_TAIL_LINES) {
    tail.queue.shift();
    tail.unshown++;
  }
}

function flushTail() {
  clearTimeout(tail.timer);
  tail.timer = 0;
  if (!tail.isPaused && tail.queue.length) {
    const isAtEnd = stream.scrollHeight - stream.scrollTop - stream.clientHeight < 40;
    const fresh = document.createDocumentFragment();
    for (const record of tail.queue) fresh.append(makeLine(record));
    tail.shown += tail.queue.length;
    tail.kept += tail.queue.length;
    tail.queue = [];
    lines.append(fresh);
    for (; tail.kept > MAX_TAIL_LINES; tail.kept--) lines.firstChild.remove();
    if (isAtEnd) stream.scrollTop = stream.scrollHeight;
  }
  renderTally();
}

function renderTally() {
  const isRunning = tail.state !== 'stopped';
  put($('tail-start'), isRunning ? 'Stop' : 'Start');
  $('tail-pause').disabled = !isRunning;
  put($('tail-pause'), tail.isPaused ? 'Resume' : 'Pause');
  mark($('tail-pause'), 'aria-pressed', tail.isPaused);
  const state = tail.state === 'connecting' ? 'Connecting' : tail.isPaused ? `Paused: ${number(tail.queue.length)} waiting` : isRunning ? 'Running' : 'Stopped';
  mark($('tail-tally'), 'data-state', tail.isPaused ? 'paused' : tail.state);
  put($('tail-tally'), join(state, `${number(tail.shown)} shown`, `${number(tail.skipped + tail.unshown)} skipped`, tail.shown > MAX_TAIL_LINES && `the last ${MAX_TAIL_LINES} are kept`));
  hide($('tail-empty'), tail.kept > 0);
  put($('tail-empty'), isRunning ? 'Waiting for records that match.' : 'Start the tail to see records as the agent handles them. Without a query, all records match.');
  renderNewest();
}

function renderNewest() {
  hide($('tail-newest'), !(tail.kept > 0 && stream.scrollHeight - stream.scrollTop - stream.clientHeight > 200));
}

const sourceOf = labels => labels.pod ? [labels.pod, labels.container].filter(Boolean).join('/') : labels.container ?? labels.filename ?? labels.unit ?? labels.service_name ?? labels.job ?? '';

function makeLine(record) {
  const labels = record.labels ?? {};
  const level = record.metadata?.detected_level ?? '';
  const item = make('li');
  const folded = record.line.slice(0, MAX_FOLDED_CHARS);
  const line = make('span', 'line', folded, folded.length < record.line.length || record.isCut ? make('i', '', ` … ${bytes(record.lineBytes)}`) : null);
  line.dir = 'auto';
  const changes = record.changes ?? [];
  const tags = make('span', 'tags', record.rule && make('b', 'tag rule', `rule ${record.rule}`), record.limit && make('b', 'tag limit', `limit ${record.limit}`),
    record.reason && make('b', 'tag reason', `dropped: ${record.reason}`));
  const time = make('time', '', record.time.slice(11, 23));
  time.title = show(record.time);
  const toggle = makeButton(changes.length ? plural(changes.length, 'change') : 'More', 'small', () => {
    const isOpen = toggle.getAttribute('aria-expanded') === 'true';
    toggle.setAttribute('aria-expanded', String(!isOpen));
    if (isOpen) item.lastChild.remove();
    else item.append(makeDetail(record));
  });
  toggle.setAttribute('aria-expanded', 'false');
  const source = make('span', 'source', sourceOf(labels));
  source.title = show([labels.namespace, sourceOf(labels)].filter(Boolean).join('/'));
  item.append(make('div', 'row', time, source, make('span', `level level-${levelTone(level)}`, level || '\u2013'), make('span', 'what', line, ' ', tags), toggle));
  return item;
}

// Marks what differs between two lines: between their common beginning and their common end.
function difference(before, after) {
  if (before === null) return [show(after)];
  const limit = Math.min(before.length, after.length);
  let start = 0;
  while (start < limit && before[start] === after[start]) start++;
  let end = 0;
  while (end < limit - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return [show(after.slice(0, start)), make('mark', '', after.slice(start, after.length - end) || '(removed)'), show(after.slice(after.length - end))];
}

const pairs = values => Object.entries(values ?? {}).map(([name, value]) => `${name}=${quote(value)}`).join(', ');

function makeDetail(record) {
  const list = make('dl', 'changes');
  const add = (label, ...content) => {
    const value = make('dd', '', ...content);
    value.dir = 'auto';
    list.append(make('div', '', make('dt', '', label), value));
  };
  let before = null;
  for (const change of record.changes ?? []) {
    if (change.line !== null && change.line !== undefined) {
      add(change.stage, ...difference(before, change.line));
      before = change.line;
    }
    if (change.metadata) add(change.stage, pairs(change.metadata));
  }
  if (record.line.length > MAX_FOLDED_CHARS) add('Line', record.line, record.isCut && make('i', '', ` … cut; the whole line has ${bytes(record.lineBytes)}`));
  add('Labels', `{${pairs(record.labels)}}`);
  if (Object.keys(record.metadata ?? {}).length) add('Metadata', pairs(record.metadata));
  add('Time', record.time);
  return list;
}

function startOrStop() {
  if (tail.state !== 'stopped') return stopTail();
  history.replaceState(null, '', `#tail?${new URLSearchParams({ query: $('tail-query').value.trim(), stage: $('tail-stage').value })}`);
  startTail();
}

function pauseTail() {
  if (tail.state === 'stopped') return;
  tail.isPaused = !tail.isPaused;
  flushTail();
}

$('tail-start').addEventListener('click', startOrStop);
$('tail-pause').addEventListener('click', pauseTail);
$('tail-query').addEventListener('keydown', event => {
  if (event.key !== 'Enter' || event.isComposing) return;
  stopTail();
  startOrStop();
});
$('tail-stage').addEventListener('change', () => {
  if (tail.state === 'stopped') return;
  stopTail();
  startOrStop();
});
$('tail-newest').addEventListener('click', () => { stream.scrollTop = stream.scrollHeight; });
stream.addEventListener('scroll', renderNewest, { passive: true });

// ---- Keys

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const isTyping = event.target.matches?.('input, textarea, select');
  const dialog = document.querySelector('dialog[open]');
  if (event.target === $('search')) {
    if (event.key === 'Escape') {
      if ($('search').value === '') $('search').blur();
      $('search').value = '';
      refilter();
    } else if (event.key === 'ArrowDown' || event.key === 'Enter') {
      move(table.active ? 0 : 1);
    } else {
      return;
    }
    event.preventDefault();
    return;
  }
  if (isTyping) return;
  if (dialog) {
    if (dialog.id === 'tail' && event.key === 'p') pauseTail();
    if (event.key === '?' && dialog.id === 'keys') dialog.close();
    return;
  }
  const isInTable = scroller.contains(event.target);
  const isOnRow = event.target.matches?.('tr.log') || event.target === scroller;
  const page = Math.max(1, Math.floor(scroller.clientHeight / (table.rowHeight || 52)) - 1);
  const actions = {
    '/': () => { $('search').focus(); $('search').select(); },
    '?': () => openDialog($('keys')),
    t: () => openTail(),
    j: () => move(1),
    k: () => move(-1),
    c: () => table.nodes.get(table.active)?.parts.copy.click(),
    ...(isInTable && { ArrowDown: () => move(1), ArrowUp: () => move(-1), PageDown: () => move(page), PageUp: () => move(-page), Home: () => move(-Infinity), End: () => move(Infinity) }),
    ...(isOnRow && table.active && { Enter: () => openRow(table.active) }),
  };
  if (!Object.hasOwn(actions, event.key)) return;
  event.preventDefault();
  actions[event.key]();
});

$('open-tail').addEventListener('click', () => openTail());
$('open-keys').addEventListener('click', () => openDialog($('keys')));
$('lost-retry').addEventListener('click', connect);
$('stale-reload').addEventListener('click', () => location.reload());

// ---- Start

paintIcon('none');
mark($('verdict-sign'), 'd', SIGNS.none);
sortBy('state');
connect();
route();
