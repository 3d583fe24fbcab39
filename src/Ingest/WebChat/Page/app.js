// The web chat: history, the stream, and what the visitor sends.

import { Client } from './client.js';
import { Outbox } from './outbox.js';
import * as view from './view.js';

const { el } = view;
const site = document.querySelector('meta[name="parley-site"]').content;
const pageSize = 50;

let lastSeq = 0;
let earliestPage = 1;
let wake = () => {};

const client = new Client(site, `parley.chat.${site}`, startOver);
const outbox = new Outbox(`parley.out.${site}.`, send, onStatus);

// ---- history and stream

async function readPage(page) {
  const answer = await client.call(() => ({ path: `${client.conversation}/history?page=${page}&page_size=${pageSize}` }));
  return (await answer.json()).data;
}

async function loadHistory() {
  view.setLive(false);
  const first = await readPage(1);
  earliestPage = Math.max(1, Math.ceil(first.total_messages / pageSize));
  const newest = earliestPage === 1 ? first : await readPage(earliestPage);
  for (const message of newest.messages) show(message, false);
  if (newest.messages.length < 10 && earliestPage > 1) await loadEarlier();
  el.earlier.hidden = earliestPage <= 1;
  el.welcome.hidden = !view.isEmpty();
  view.scrollToEnd(false);
  setTimeout(() => view.setLive(true), 500);
}

async function loadEarlier() {
  const page = await readPage(earliestPage - 1);
  earliestPage -= 1;
  const height = el.scroll.scrollHeight;
  view.setLive(false);
  for (const message of page.messages) show(message, false);
  setTimeout(() => view.setLive(true), 500);
  el.scroll.scrollTop += el.scroll.scrollHeight - height;
  el.earlier.hidden = earliestPage <= 1;
}

async function stayConnected() {
  for (let failures = 0; ;) {
    let atLeast = 0;
    try {
      if (failures === 0) view.setState('connecting');
      if (lastSeq === 0) await loadHistory();
      outbox.flush();
      await client.stream(() => lastSeq, () => { failures = 0; view.setState('online'); }, onEvent);
    } catch (error) {
      atLeast = error.retryAfter ?? 0;
    }

    failures += 1;
    if (failures > 1 || !navigator.onLine) view.setState('offline');
    const wait = Math.max(atLeast, Math.min(30_000, 250 * 2 ** failures) * (0.75 + Math.random() / 2));
    await Promise.race([new Promise(resolve => setTimeout(resolve, wait)), new Promise(resolve => { wake = resolve; })]);
  }
}

function onEvent(name, data) {
  if (name === 'message') show(data, true);
  else if (name === 'typing') view.setTyping(true);
  else if (name === 'delivery' && view.find(data.message_id)?.mine === false) view.update(data.message_id, { status: data.status });
}

function show(message, live) {
  lastSeq = Math.max(lastSeq, message.seq);
  const mine = message.direction === 'inbound';
  const status = mine ? 'seen' : message.delivery?.status;
  outbox.remove(message.message_id);
  if (view.find(message.message_id)) view.update(message.message_id, { seq: message.seq, status });
  else view.add({ ...message, mine, status }, live);

  if (!mine) view.setTyping(false);
  if (view.isNewest(message.message_id)) view.setChoices(mine ? [] : message.content.suggested_actions ?? [], choose);
}

// Another visitor than before, or none: nothing that is shown is theirs. What was typed and not yet sent goes with them.
function startOver() {
  view.clear();
  lastSeq = 0;
  for (const entry of outbox.entries) view.add({ ...entry, mine: true }, false);
}

// ---- sending

async function send(entry) {
  await client.call(() => ({
    path: 'message',
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Prefer: 'respond-async' },
    body: JSON.stringify({
      user_id: client.session.visitor, channel: 'web', account: site, conversation_id: client.session.conversation_id,
      message_id: entry.message_id, content: entry.content,
    }),
  }));
}

function submit(content) {
  const entry = outbox.add(content);
  view.add({ ...entry, mine: true }, true);
  view.setChoices([]);
  outbox.flush();
}

function choose(action) {
  submit({ type: 'choice', text: action.title, choice_id: action.id });
  el.text.focus();
}

function onStatus(id, status) {
  // The stream may have been faster than the answer.
  if (status === 'sent' && view.find(id)?.status === 'seen') return;
  view.update(id, { status });
  if (status === 'failed') view.announce('The message could not be sent.');
}

// ---- wiring

function sizeText() {
  el.text.style.height = 'auto';
  el.text.style.height = `${el.text.scrollHeight}px`;
  el.send.disabled = el.text.value.trim() === '';
}

el.text.addEventListener('input', sizeText);
el.text.addEventListener('keydown', event => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  el.composer.requestSubmit();
});

el.composer.addEventListener('submit', event => {
  event.preventDefault();
  const text = el.text.value.trim();
  if (!text) return;
  el.text.value = '';
  sizeText();
  submit({ type: 'text', text });
});

el.scroll.addEventListener('scroll', () => { if (view.isAtEnd()) el.latest.hidden = true; });
el.latest.addEventListener('click', () => view.scrollToEnd(true));
el.earlier.addEventListener('click', () => loadEarlier().catch(() => view.announce('Earlier messages could not be loaded.')));
el.restart.addEventListener('click', () => {
  if (!confirm('Start a new conversation? This one will no longer be shown here.')) return;
  outbox.clear();
  startOver();
  client.forget();
  wake();
  el.text.focus();
});

// A page that slept or lost the network finds out by these, not by waiting.
function resume() {
  wake();
  outbox.wake();
}

window.addEventListener('online', resume);
window.addEventListener('offline', () => client.drop());
document.addEventListener('visibilitychange', () => { if (!document.hidden) resume(); });

// A page that stays open renews its token long before it ends.
setInterval(() => { if (client.session && client.left < 12 * 3600_000) client.open().catch(() => {}); }, 10 * 60_000);

view.whenAgain(id => outbox.again(id));
el.avatar.textContent = (el.title.textContent.trim()[0] ?? '?').toUpperCase();
for (const entry of outbox.entries) view.add({ ...entry, mine: true }, false);
if (site) {
  stayConnected();
} else {
  view.setState('none');
  el.text.disabled = true;
}
if (matchMedia('(hover: hover)').matches) el.text.focus();
