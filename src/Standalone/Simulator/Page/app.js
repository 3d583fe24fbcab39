// The users' phones: what the business sent arrives by server-sent events, what is typed here goes back as a signed webhook.
'use strict';

const api = '/simulator/whatsapp/';
const $ = id => document.getElementById(id);
const messages = new Map();
const known = JSON.parse(localStorage.getItem('phones') || '[]');
let phones = [];
let current = location.hash.slice(1) || null;

const kinds = { image: 'a picture', video: 'a video', audio: 'a voice message', document: 'a document', sticker: 'a sticker', location: 'a location', contacts: 'a contact card', template: 'a template', reaction: 'a reaction' };

function chats() {
  const byUser = new Map(known.map(phone => [phone.number, { number: phone.number, name: phone.name, last: null }]));
  for (const message of messages.values()) {
    const chat = byUser.get(message.user) || { number: message.user, name: null, last: null };
    if (message.name && message.name !== message.user) chat.name = message.name;
    if (!chat.last || chat.last.seq < message.seq) chat.last = message;
    byUser.set(message.user, chat);
  }
  return [...byUser.values()].sort((a, b) => (b.last?.seq || 0) - (a.last?.seq || 0));
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function face(chat, target) {
  const hue = [...chat.number].reduce((sum, digit) => (sum * 31 + digit.charCodeAt(0)) % 360, 0);
  target.style.setProperty('--hue', hue);
  target.textContent = (chat.name || chat.number).trim().slice(0, 1).toUpperCase();
  return target;
}

const clock = at => new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
const says = message => message.text || (kinds[message.type] ? kinds[message.type] : message.type);

function drawChats() {
  $('chats').replaceChildren(...chats().map(chat => {
    const button = element('button');
    button.type = 'button';
    if (chat.number === current) button.setAttribute('aria-current', 'true');
    button.append(face(chat, element('span', 'face')), element('strong', '', chat.name || '+' + chat.number));
    button.append(element('time', '', chat.last ? clock(chat.last.at) : ''), element('span', 'last', chat.last ? says(chat.last) : 'nothing said yet'));
    button.onclick = () => open(chat.number);
    const item = element('li');
    item.append(button);
    return item;
  }));
}

function ticks(message) {
  const mark = element('span', message.status, { accepted: '○', sent: '✓', delivered: '✓✓', read: '✓✓' }[message.status] || '');
  if (message.status === 'failed') mark.textContent = message.error || 'failed';
  mark.title = message.status;
  return mark;
}

function drawMessage(message) {
  const item = element('li', message.from_user ? 'mine' : '');
  item.id = 'm' + message.id;
  const bubble = element('div', 'bubble');
  if (message.type !== 'text' && kinds[message.type]) bubble.append(element('div', 'kind', kinds[message.type]));
  bubble.append(document.createTextNode(message.text));
  const foot = element('div', 'foot');
  foot.append(element('span', '', clock(message.at)));
  if (!message.from_user) foot.append(ticks(message));
  bubble.append(foot);
  item.append(bubble);
  if (message.buttons) {
    const choices = element('div', 'choices');
    for (const choice of message.buttons) {
      const button = element('button', '', choice.title);
      button.type = 'button';
      button.title = choice.description || '';
      button.onclick = () => say({ type: 'choice', choice: { id: choice.id, title: choice.title }, reply_to: message.id });
      choices.append(button);
    }
    item.append(choices);
  }
  return item;
}

function drawChat() {
  const chat = chats().find(c => c.number === current);
  document.body.classList.toggle('chatting', !!chat);
  $('head').hidden = $('say').hidden = !chat;
  $('empty').hidden = !!chat;
  if (!chat) return;
  $('who').textContent = chat.name ? `${chat.name} · +${chat.number}` : '+' + chat.number;
  face(chat, $('face'));
  const list = $('messages');
  const shown = [...messages.values()].filter(m => m.user === current).sort((a, b) => a.seq - b.seq);
  list.replaceChildren(...shown.map(drawMessage));
  list.scrollTop = list.scrollHeight;
}

function open(number) {
  current = number;
  history.replaceState(null, '', '#' + number);
  drawChats();
  drawChat();
  $('text').focus();
}

function take(message) {
  const before = messages.get(message.id);
  messages.set(message.id, message);
  const shown = before && message.user === current && document.getElementById('m' + message.id);
  if (shown) shown.replaceWith(drawMessage(message));
  else if (message.user === current) drawChat();
  drawChats();
}

async function say(typed) {
  const chat = chats().find(c => c.number === current);
  problem(null);
  try {
    const answer = await fetch(api + 'type', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ from: current, name: chat?.name || undefined, account: phones[0].account, ...typed }),
    });
    if (!answer.ok) return problem(await answer.text());
    const { status } = await answer.json();
    if (status !== 200) problem(`Parley answered the webhook with HTTP ${status}.`);
  } catch {
    problem('Parley does not answer.');
  }
}

function problem(text) {
  $('problem').textContent = text || '';
  $('problem').hidden = !text;
}

$('say').onsubmit = event => {
  event.preventDefault();
  const text = $('text').value.trim();
  if (!text) return;
  $('text').value = '';
  say({ type: 'text', text });
};
for (const button of document.querySelectorAll('[data-type]')) {
  button.onclick = () => {
    const text = button.dataset.type === 'image' ? $('text').value.trim() || undefined : undefined;
    if (text) $('text').value = '';
    say({ type: button.dataset.type, text });
  };
}
$('back').onclick = () => open(null);
$('new').onsubmit = event => {
  event.preventDefault();
  const number = $('new-number').value;
  if (!known.some(phone => phone.number === number)) known.push({ number, name: $('new-name').value.trim() || null });
  localStorage.setItem('phones', JSON.stringify(known));
  event.target.reset();
  open(number);
};

async function start() {
  phones = await (await fetch(api + 'phones')).json();
  $('phone').textContent = `${phones[0].name} · number ${phones[0].account}`;
  if (!known.length) known.push({ number: '15550100', name: 'Ada Byron' }, { number: '15550200', name: 'Grace' });
  const events = new EventSource(api + 'events');
  events.onopen = () => $('live').classList.add('on');
  events.onerror = () => $('live').classList.remove('on');
  events.onmessage = event => take(JSON.parse(event.data));
  drawChats();
  drawChat();
}

start();
