// The page of a recorded run. Its pieces were made as markup beforehand, every text in them escaped,
// in each language; a piece is a row of numbers of tags and texts. What depends on what its reader
// chooses is worded here, and put in as text alone.
'use strict';
const LETTERS = /\p{L}/u, AT_ONCE = 60, PAGES = ['ask', 'votes', 'compare', 'align'];
const main = document.getElementById('calm-run');
const element = id => document.getElementById(id);
let data, numbers, code;
const chosen = {
  page: 'ask', question: 0, side: 1, share: 0, margin: 0, kind: 'all', votes: AT_ONCE,
  reading: '', outcome: 'changed', code: 'all', answers: AT_ONCE, 'ask-search': '', 'compare-search': '',
};

async function unpacked(id) {
  const packed = atob(element(id).textContent);
  const bytes = Uint8Array.from(packed, letter => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}

function piece(number) {
  const at = number * data.codes.length + data.codes.indexOf(code);
  const own = numbers.subarray(at ? data.ends[at - 1] : 0, data.ends[at]);
  return Array.from(own, token => data.tokens[token]).join('');
}

// Words, as calm/messages.py fills them in, and percents, as ui/text/numbers.py writes them.

function say(key, values = {}) {
  let entry = data.words[code][key];
  if (typeof entry !== 'string') {
    entry = entry[new Intl.PluralRules(code).select(values.count)] ?? entry.other;
  }
  const fromRight = data.directions[code] === 'rtl';
  const filled = (_, name) => fromRight ? `\u2068${values[name]}\u2069` : values[name];
  const mark = fromRight && !LETTERS.test(entry.replace(/\{\w+\}/g, '')) ? '\u200f' : '';
  return mark + entry.replace(/\{(\w+)\}/g, filled);
}

function percent(share, digits = 0) {
  const [before, point, behind] = data.percent[code], times = 10 ** digits;
  const value = Number((share * 100 * times).toPrecision(12));
  let whole = Math.round(value);
  if (Math.abs(value % 1) === 0.5 && whole % 2) whole -= 1;
  return before + (whole / times).toFixed(digits).replace('.', point) + behind;
}

const inARow = texts => texts.reduce((first, second) => say('common.sentences', {first, second}));

// The gate, as calm/voting/gate.py counts it.

function mean(values) {
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
}

const isKept = (vote, share) => vote.decided && vote.share >= share && vote.margin >= chosen.margin;

function gateAt(share) {
  const kept = data.votes.filter(vote => isKept(vote, share));
  const right = kept.filter(vote => vote.right !== null).map(vote => Number(vote.right));
  const expected = [mean(kept.map(vote => vote.plain)), mean(kept.map(vote => vote.share))];
  const [low, high] = expected.sort((a, b) => a - b);
  return {share, kept: kept.length, low, high, precision: mean(right), judged: right.length};
}

function wilson(right, n) {
  const share = right / n, room = data.z ** 2 / n, middle = (share + room / 2) / (1 + room);
  const half = Math.sqrt(share * (1 - share) * room + room ** 2 / 4) / (1 + room);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

const interval = gate => wilson(Math.round(gate.precision * gate.judged), gate.judged);

function measuredInWords(gate) {
  if (gate.precision === null) return say('votes.measured.none');
  const [low, high] = interval(gate).map(end => percent(end));
  const key = gate.judged < gate.kept ? 'votes.measured.some' : 'votes.measured.all';
  return say(key, {low, high, judged: gate.judged});
}

function drawGate() {
  const gate = gateAt(chosen.share), of = data.votes.length, canTell = gate.kept >= data.least;
  const range = [gate.low, gate.high].map(end => percent(end ?? 0));
  const tiles = [
    [String(gate.kept), say('votes.tile.kept', {of})],
    [gate.precision === null ? '–' : percent(gate.precision, 1), measuredInWords(gate)],
    [canTell ? say('votes.range', {low: range[0], high: range[1]}) : '–',
      say(canTell ? 'votes.tile.expected' : 'votes.tile.few')],
  ];
  element('gate').replaceChildren(...tiles.map(([number, words]) => {
    const tile = document.createElement('li'), big = document.createElement('b');
    big.textContent = number;
    tile.append(big, ' ', words);
    return tile;
  }));
  drawPlot(gate, canTell, range);
}

function drawPlot(gate, canTell, range) {
  const plot = main.querySelector('#votes .gate svg'), share = percent(gate.share);
  const curve = Array.from({length: 101}, (_, step) => gateAt(step / 100));
  const told = curve.filter(row => row.kept >= data.least);
  const points = (rows, height) => rows.map(row => [row, height(row)]).filter(([, y]) => y !== null)
    .map(([row, y]) => `${(100 * row.share).toFixed(1)},${(100 - 100 * y).toFixed(2)}`).join(' ');
  const judged = told.filter(row => row.precision !== null);
  const band = [points(judged, row => interval(row)[1]), points([...judged].reverse(), row => interval(row)[0])];
  const lines = {
    'polygon.kept': `0,100 ${points(curve, row => row.kept / data.votes.length)} 100,100`,
    'polygon.band': band.join(' ').trim(),
    'polyline.measured': points(told, row => row.precision),
    'polyline.expected': points(told, row => row.low),
    'polyline.expected ~ polyline.expected': points(told, row => row.high),
  };
  for (const [name, text] of Object.entries(lines)) plot.querySelector(name)?.setAttribute('points', text);
  for (const end of ['x1', 'x2']) plot.querySelector('.marker').setAttribute(end, 100 * gate.share);
  const words = [say('votes.plot.says', {share, kept: gate.kept, of: data.votes.length})];
  if (gate.precision !== null) words.push(say('votes.plot.says_measured', {right: percent(gate.precision, 1)}));
  if (canTell) words.push(say('votes.plot.says_expected', {low: range[0], high: range[1]}));
  plot.setAttribute('aria-label', inARow(words));
}

const KINDS = {
  all: () => true,
  kept: vote => isKept(vote, chosen.share),
  dropped: vote => vote.decided && !isKept(vote, chosen.share),
  undecided: vote => !vote.decided,
  disagreeing: vote => vote.disagrees,
};

function drawGrid() {
  const rows = data.votes.filter(KINDS[chosen.kind]), body = main.querySelector('.votes-table tbody');
  element('votes-count').textContent = say(rows.length ? 'votes.grid.count' : 'votes.grid.none', {count: rows.length});
  body.innerHTML = rows.slice(0, chosen.votes).map(vote => piece(vote.row)).join('');
  rows.slice(0, chosen.votes).forEach((vote, n) => {
    const state = isKept(vote, chosen.share) ? 'kept' : 'dropped', row = body.rows[n];
    row.className = state;
    row.cells[2].querySelector('small').textContent = say(`votes.grid.${vote.decided ? state : 'undecided'}`);
  });
  element('more-votes').hidden = rows.length <= chosen.votes;
}

function drawVotes() {
  for (const name of ['share', 'margin']) {
    element(name).value = Math.round(100 * chosen[name]);
    main.querySelector(`output[for="${name}"]`).textContent = percent(chosen[name]);
    element(name).setAttribute('aria-valuetext', percent(chosen[name]));
  }
  drawGate();
  drawGrid();
}

// Questions, and answers before and after.

const holds = (text, words) => text.toLocaleLowerCase(code).includes(words.trim().toLocaleLowerCase(code));
const labelOf = question => data.texts[question.labels[data.codes.indexOf(code)]];

function fillQuestions() {
  const groups = main.querySelectorAll('#question optgroup');
  const found = data.questions.map((_, n) => n).filter(n => holds(labelOf(data.questions[n]), chosen['ask-search']));
  if (found.length && !found.includes(chosen.question)) chosen.question = found[0];
  for (const group of groups) {
    group.replaceChildren(...found.filter(n => data.questions[n].kind === group.dataset.kind).map(n => {
      const option = new Option(labelOf(data.questions[n]), n);
      option.selected = n === chosen.question;
      return option;
    }));
    group.hidden = !group.children.length;
  }
  element('no-question').hidden = found.length > 0;
}

function drawQuestion() {
  const {sides} = data.questions[chosen.question];
  element('turn').hidden = sides.length < 2;
  main.querySelectorAll('#turn input').forEach((input, n) => { input.checked = n === chosen.side; });
  element('cards').innerHTML = piece(sides[Math.min(chosen.side, sides.length - 1)]);
}

function drawAnswers() {
  const {rows} = data.readings.find(reading => reading.name === chosen.reading), at = data.codes.indexOf(code);
  const found = rows.filter(row => row.outcomes.includes(chosen.outcome)
    && ['all', row.language].includes(chosen.code)
    && [row.texts[0], row.texts[at + 1]].some(text => holds(data.texts[text], chosen['compare-search'])));
  element('found').textContent = say(found.length ? 'compare.list.found' : 'compare.list.none', {count: found.length});
  element('answers').hidden = !found.length;
  element('answers').innerHTML = found.slice(0, chosen.answers).map(row => piece(row.row)).join('');
  element('more-answers').hidden = found.length <= chosen.answers;
}

function drawCompare() {
  element('numbers').innerHTML = piece(data.readings.find(reading => reading.name === chosen.reading).numbers);
  drawAnswers();
}

// What is chosen, and where.

function show(page) {
  chosen.page = element(page) ? page : 'ask';
  for (const section of main.querySelectorAll(':scope > section')) section.hidden = section.id !== chosen.page;
  for (const link of main.querySelectorAll('nav a')) {
    if (link.hash === `#${chosen.page}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

function readAddress() {
  const [page, question] = location.hash.slice(1).split('/');
  const number = Number(question);
  if (question && data.questions[number]) chosen.question = number;
  show(PAGES.includes(page) ? page : chosen.page);
}

function keepAddress() {
  history.replaceState(null, '', `#ask/${chosen.question}`);
}

function choose(name, value, redraw) {
  chosen[name] = value;
  redraw();
}

function listen() {
  const on = (id, event, act) => element(id)?.addEventListener(event, act);
  on('language', 'change', event => { code = event.target.value; draw(); element('language').focus(); });
  on('question', 'change', event => choose('question', Number(event.target.value), () => { drawQuestion(); keepAddress(); }));
  on('turn', 'change', event => choose('side', Number(event.target.value), drawQuestion));
  on('ask-search', 'input', event => choose('ask-search', event.target.value, () => { fillQuestions(); drawQuestion(); }));
  for (const name of ['share', 'margin']) on(name, 'input', event => choose(name, event.target.value / 100, drawVotes));
  on('kind', 'change', event => { chosen.votes = AT_ONCE; choose('kind', event.target.value, drawGrid); });
  on('more-votes', 'click', () => choose('votes', chosen.votes + AT_ONCE, drawGrid));
  on('reading', 'change', event => choose('reading', event.target.value, drawCompare));
  for (const name of ['outcome', 'code']) {
    on(name, 'change', event => { chosen.answers = AT_ONCE; choose(name, event.target.value, drawAnswers); });
  }
  on('compare-search', 'input', event => choose('compare-search', event.target.value, drawAnswers));
  on('more-answers', 'click', () => choose('answers', chosen.answers + AT_ONCE, drawAnswers));
}

function draw() {
  const mine = main.querySelector('#ask-mine input')?.checked;
  document.documentElement.lang = code;
  document.documentElement.dir = data.directions[code];
  main.innerHTML = piece(data.frame);
  element('language').value = code;
  for (const name of ['kind', 'reading', 'outcome', 'code', 'ask-search', 'compare-search']) {
    if (element(name)) element(name).value = chosen[name];
  }
  if (mine) main.querySelector('#ask-mine input').checked = true;
  fillQuestions();
  drawQuestion();
  if (element('votes')) drawVotes();
  if (element('compare')) drawCompare();
  listen();
  show(chosen.page);
}

async function start() {
  const [content, packed] = await Promise.all(['content', 'numbers'].map(unpacked));
  data = JSON.parse(new TextDecoder().decode(content));
  numbers = new Uint32Array(packed);
  const asked = new URLSearchParams(location.search).get('lang');
  const wanted = [asked, navigator.language].map(name => String(name).toLowerCase().split('-')[0]);
  code = wanted.find(name => data.codes.includes(name)) ?? data.codes[0];
  Object.assign(chosen, {question: data.first, share: data.share, reading: data.readings[0]?.name});
  draw();
  main.className = 'report run';
  readAddress();
  drawQuestion();
  window.addEventListener('hashchange', readAddress);
}

if (typeof DecompressionStream === 'function') start();
