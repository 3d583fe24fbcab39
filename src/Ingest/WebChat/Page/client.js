// The visitor's side of the API: a session that renews itself, calls, and the stream of events.

const quietAfter = 40_000; // the server says something every 15 s: what is silent longer is dead

export class Refused extends Error {
  constructor(answer) {
    super(`HTTP ${answer.status}`);
    this.status = answer.status;
    this.retryAfter = Number(answer.headers.get('Retry-After')) * 1000 || 0;
  }
}

export class Client {
  #site;
  #key;
  #onNewVisitor;
  #opening = null;
  #stream = null;

  constructor(site, key, onNewVisitor) {
    this.#site = site;
    this.#key = key;
    this.#onNewVisitor = onNewVisitor;
    try { this.session = JSON.parse(localStorage.getItem(key)); } catch { this.session = null; }
  }

  /** Milliseconds that the token still counts. */
  get left() { return this.session ? Date.parse(this.session.expires_at) - Date.now() : 0; }

  get conversation() { return `conversations/${encodeURIComponent(this.session.conversation_id)}`; }

  /** Gets a token, or a new one for the same visitor. One request at a time, whoever asks. */
  open() {
    this.#opening ??= this.#requestSession().finally(() => { this.#opening = null; });
    return this.#opening;
  }

  /** Makes the next call open a conversation of its own. */
  forget() {
    this.#keep(null);
    this.#stream?.abort();
  }

  /** Drops the stream, so that it is opened anew. */
  drop() { this.#stream?.abort(); }

  /**
   * Calls the API. The request is built when there is a token, and again when that token was refused: with another visitor's
   * session, path and body are others too.
   */
  async call(build) {
    if (this.left < 60_000) await this.open();
    let answer = await this.#send(build());
    if (answer.status === 401) {
      this.#keep({ ...this.session, expires_at: new Date(0).toISOString() });
      await this.open();
      answer = await this.#send(build());
    }
    if (!answer.ok) throw new Refused(answer);
    return answer;
  }

  /** Reads the stream until it ends or falls silent. */
  async stream(lastSeq, onOpen, onEvent) {
    const abort = new AbortController();
    this.#stream = abort;
    let alarm = setTimeout(() => abort.abort(), quietAfter);
    try {
      const answer = await this.call(() => ({
        path: `${this.conversation}/stream`, headers: { 'Last-Event-ID': String(lastSeq()) }, signal: abort.signal, cache: 'no-store',
      }));
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      onOpen();
      for (let text = ''; ;) {
        const { value, done } = await reader.read();
        if (done || abort.signal.aborted) return;
        clearTimeout(alarm);
        alarm = setTimeout(() => abort.abort(), quietAfter);
        const blocks = (text + value).split('\n\n');
        text = blocks.pop();
        for (const block of blocks) this.#read(block, onEvent);
      }
    } finally {
      clearTimeout(alarm);
      abort.abort();
    }
  }

  async #requestSession() {
    const known = this.left > 0;
    const headers = { 'Content-Type': 'application/json' };
    if (known) headers.Authorization = `Bearer ${this.session.token}`;
    const answer = await fetch(`/webchat/${encodeURIComponent(this.#site)}/session`, {
      method: 'POST', headers, body: JSON.stringify(known ? { visitor: this.session.visitor } : {}),
    });
    if (!answer.ok) throw new Refused(answer);
    const before = this.session?.visitor;
    this.#keep(await answer.json());
    if (before !== this.session.visitor) this.#onNewVisitor();
  }

  #send({ path, headers, ...options }) {
    return fetch(`/api/v2/chat/${path}`, { ...options, headers: { ...headers, Authorization: `Bearer ${this.session.token}` } });
  }

  #keep(session) {
    this.session = session;
    try { localStorage.setItem(this.#key, JSON.stringify(session)); } catch { /* no storage: it lasts as long as the page */ }
  }

  #read(block, onEvent) {
    let name = '';
    let data = '';
    for (const line of block.split('\n')) {
      if (line.startsWith('event: ')) name = line.slice(7);
      else if (line.startsWith('data: ')) data += line.slice(6);
    }
    if (name) onEvent(name, JSON.parse(data));
  }
}
