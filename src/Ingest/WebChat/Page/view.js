// What is on the page. Everything a person or an engine wrote is put there as text, never as HTML.

export const el = Object.fromEntries([...document.querySelectorAll('[id]')].map(e => [e.id, e]));

const words = {
  image: 'Picture', audio: 'Voice message', video: 'Video', document: 'File', sticker: 'Sticker', location: 'Place', contacts: 'Contact',
  order: 'Order', reaction: 'Reaction', unsupported: 'A message that cannot be shown here',
};

const ticks = {
  sending: ['Sending', 'M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0'],
  sent: ['Sent', 'M5 12l5 5L20 7'],
  seen: ['Received', 'M1 12l5 5L16 7M11 15l2 2L23 7'],
};

const entries = new Map();     // message_id -> entry
const ofItem = new WeakMap();  // its element -> entry
let onAgain = () => {};
let typingEnds = 0;

export const whenAgain = handler => { onAgain = handler; };
export const find = id => entries.get(id);
export const isEmpty = () => entries.size === 0;
const items = () => [...el.log.querySelectorAll('.msg')];
export const isNewest = id => ofItem.get(items().at(-1))?.message_id === id;

/** Puts a message in its place: by sequence; what has none yet stands at the end. */
export function add(message, live) {
  const atEnd = isAtEnd();
  const item = node('div', 'msg');
  const bubble = node('div', 'bubble');
  const meta = node('div', 'meta');
  bubble.append(node('span', 'hidden', message.mine ? 'You: ' : `${el.title.textContent}: `));
  fill(bubble, message.content);
  item.append(bubble, meta);

  const entry = { ...message, item, meta };
  entries.set(message.message_id, entry);
  ofItem.set(item, entry);
  const order = e => e.seq ?? Number.MAX_SAFE_INTEGER;
  el.log.insertBefore(item, items().find(i => order(ofItem.get(i)) > order(entry)) ?? null);
  regroup();
  draw(entry);
  if (live) item.classList.add('fresh');
  el.welcome.hidden = true;
  if (atEnd || message.mine) scrollToEnd(live);
  else if (live) el.latest.hidden = false;
}

export function update(id, change) {
  const entry = entries.get(id);
  if (!entry) return;
  Object.assign(entry, change);
  draw(entry);
}

export function clear() {
  entries.clear();
  el.log.replaceChildren();
  setChoices([]);
  setTyping(false);
  el.earlier.hidden = true;
}

export function setTyping(on) {
  clearTimeout(typingEnds);
  const atEnd = isAtEnd();
  el.typing.hidden = !on;
  if (!on) return;
  typingEnds = setTimeout(() => setTyping(false), 30_000);
  if (atEnd) scrollToEnd(true);
}

export function setChoices(actions, onChoice) {
  const atEnd = isAtEnd();
  el.choices.replaceChildren(...actions.map(action => {
    const button = node('button', 'choice', action.title);
    button.type = 'button';
    if (action.description) button.append(node('small', '', action.description));
    button.addEventListener('click', () => onChoice(action));
    return button;
  }));
  el.choices.hidden = actions.length === 0;
  if (atEnd) scrollToEnd(false);
}

export function setState(state) {
  const text = { online: 'Online', connecting: 'Connecting…', offline: navigator.onLine ? 'No connection, trying again…' : 'You are offline', none: 'There is no chat here' }[state];
  el.state.dataset.state = state;
  // Only a change is worth being read out.
  if (el['state-text'].textContent !== text) el['state-text'].textContent = text;
}

/** Whether new messages are read out: what happens now is, what happened earlier is not. */
export function setLive(live) { el.log.ariaLive = live ? 'polite' : 'off'; }

/** For screen readers only. */
export function announce(text) { el.announce.textContent = text.slice(0, 300); }

export const isAtEnd = () => el.scroll.scrollHeight - el.scroll.scrollTop - el.scroll.clientHeight < 80;

export function scrollToEnd(smooth) {
  el.latest.hidden = true;
  requestAnimationFrame(() => el.scroll.scrollTo({ top: el.scroll.scrollHeight, behavior: smooth ? 'smooth' : 'instant' }));
}

function node(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function fill(bubble, content) {
  if (words[content.type]) bubble.append(node('span', 'kind', content.text ? `${words[content.type]}: ` : words[content.type]));

  // Web addresses become links; everything else stays text.
  for (const part of (content.text ?? '').split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/)) {
    if (!/^https?:\/\//.test(part)) { bubble.append(part); continue; }
    const link = node('a', '', part);
    link.href = part;
    link.target = '_blank';
    link.rel = 'noopener noreferrer nofollow';
    bubble.append(link);
  }
}

function draw(entry) {
  entry.item.className = ['msg', entry.mine && 'mine', entry.status === 'failed' && 'failed', entry.follows && 'follows'].filter(Boolean).join(' ');
  const at = timeOf(entry);
  const time = node('time', '', at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }));
  time.dateTime = at.toISOString();
  time.title = at.toLocaleString();
  entry.meta.replaceChildren(time);
  if (entry.fallback) entry.meta.prepend(node('span', 'note', 'Automatic answer'));
  if (entry.mine && entry.status === 'failed') entry.meta.append(againButton(entry));
  else if (entry.mine && ticks[entry.status]) entry.meta.append(tick(...ticks[entry.status], entry.status === 'seen'));
  else if (!entry.mine && entry.status === 'failed') entry.meta.append('not delivered');
}

function tick(label, path, done) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  line.setAttribute('d', path);
  svg.append(line);
  const span = node('span', done ? 'tick done' : 'tick');
  span.title = label;
  span.append(svg);
  return span;
}

function againButton(entry) {
  const button = node('button', 'again', 'Not sent. Try again');
  button.type = 'button';
  button.addEventListener('click', () => onAgain(entry.message_id));
  return button;
}

const timeOf = entry => new Date(entry.timestamp ?? Date.now());

// A line for each day, and bubbles of one side close together.
function regroup() {
  let previous = null;
  for (const item of items()) {
    const entry = ofItem.get(item);
    const newDay = !previous || timeOf(previous).toDateString() !== timeOf(entry).toDateString();
    const above = item.previousElementSibling;

    // A line that is right is left alone: one put there anew would be read out.
    if (above?.className === 'day' && !newDay) above.remove();
    if (above?.className !== 'day' && newDay) item.before(node('div', 'day', dayName(timeOf(entry))));
    entry.follows = !newDay && previous.mine === entry.mine && timeOf(entry) - timeOf(previous) < 180_000;
    item.classList.toggle('follows', entry.follows);
    previous = entry;
  }
}

function dayName(at) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return at.toLocaleDateString([], { weekday: 'long', day: 'numeric', month: 'long', year: days > 300 ? 'numeric' : undefined });
}
