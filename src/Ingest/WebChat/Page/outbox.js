// Messages that the server has not acknowledged yet. Each is kept under its own key, so that two tabs do not overwrite each other's.
// The id is made here, once: a message that is sent again, by a retry, a reload or another tab, is the same message.

import { Refused } from './client.js';

const final = [403, 404, 409, 413, 422]; // sending the same again would be answered the same
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

export class Outbox {
  #prefix;
  #send;
  #onStatus;
  #flushing = false;
  #wake = () => {};

  constructor(prefix, send, onStatus) {
    this.#prefix = prefix;
    this.#send = send;
    this.#onStatus = onStatus;
    this.entries = this.#load();
  }

  add(content) {
    const entry = { message_id: newId(), content, timestamp: new Date().toISOString(), status: 'sending' };
    this.entries.push(entry);
    this.#store(entry);
    return entry;
  }

  /** The server has it. */
  remove(id) {
    this.entries = this.entries.filter(e => e.message_id !== id);
    try { localStorage.removeItem(this.#prefix + id); } catch { /* nothing was stored either */ }
  }

  clear() {
    for (const entry of this.entries) this.remove(entry.message_id);
  }

  again(id) {
    const entry = this.entries.find(e => e.message_id === id);
    if (entry) this.#become(entry, 'sending');
    this.flush();
  }

  /** Ends a pause between two tries. */
  wake() { this.#wake(); }

  /** Sends what waits, in order, one after the other: the next goes when this one is safe. */
  async flush() {
    if (this.#flushing) return;
    this.#flushing = true;
    let failures = 0;
    for (let entry; (entry = this.entries.find(e => e.status === 'sending'));) {
      try {
        await this.#send(entry);
        failures = 0;
        this.remove(entry.message_id);
        this.#onStatus(entry.message_id, 'sent');
      } catch (error) {
        if (error instanceof Refused && final.includes(error.status)) {
          this.#become(entry, 'failed');
          continue;
        }
        failures += 1;
        await Promise.race([sleep(Math.max(error.retryAfter ?? 0, Math.min(15_000, 400 * 2 ** failures))), new Promise(r => { this.#wake = r; })]);
      }
    }
    this.#flushing = false;
  }

  #become(entry, status) {
    entry.status = status;
    this.#store(entry);
    this.#onStatus(entry.message_id, status);
  }

  #store(entry) {
    try { localStorage.setItem(this.#prefix + entry.message_id, JSON.stringify(entry)); } catch { /* no storage: it lasts as long as the page */ }
  }

  #load() {
    try {
      return Object.keys(localStorage).filter(k => k.startsWith(this.#prefix)).map(k => JSON.parse(localStorage.getItem(k)))
        .sort((a, b) => a.timestamp.localeCompare(b.timestamp));
    } catch {
      return [];
    }
  }
}

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();

  // Without TLS, on another host than localhost, there is no randomUUID.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((b, i) => ([4, 6, 8, 10].includes(i) ? '-' : '') + b.toString(16).padStart(2, '0')).join('');
}
