/** An API server on a free loopback port over a store in memory, and a client that speaks plain HTTP to it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest, Agent as SecureAgent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuth } from '../../runtime/api/auth/auth.ts';
import { loadSchemas } from '../../runtime/api/schema/load.ts';
import { type ApiServer, type ApiServerOptions, createApiServer } from '../../runtime/api/server.ts';
import { openMemoryStore } from '../../runtime/store/memory/memory-store.ts';
import type { Store } from '../../runtime/store/store.ts';

export interface Answer {
  code: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body where it is JSON, {} otherwise. */
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into answers of every shape.
  body: any;
}

export interface Ask {
  body?: unknown;
  /** Instead of `body`: as it is. */
  bytes?: string | Uint8Array;
  headers?: Record<string, string>;
  /** Instead of the administrator's; '' for none. */
  token?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: as above.
export type SeenEvent = { type: string; object: any };

export interface SeenWatch {
  events: SeenEvent[];
  /** Waits until `enough` holds of the events so far; rejects after ten seconds. */
  until(enough: (events: readonly SeenEvent[]) => boolean): Promise<SeenEvent[]>;
  /** Resolves when the server has ended it. */
  ended: Promise<void>;
  stop(): void;
}

export interface TestServer {
  server: ApiServer;
  store: Store;
  url: string;
  /** What the server reported as faults of its own. */
  problems: Error[];
  ask(method: string, path: string, ask?: Ask): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  patch(path: string, type: 'json' | 'merge' | 'strategic' | 'apply', body: unknown): Promise<Answer>;
  delete(path: string, body?: unknown): Promise<Answer>;
  watch(path: string, headers?: Record<string, string>): SeenWatch;
  close(): Promise<void>;
}

const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

const schemas = loadSchemas(join(tmpdir(), 'keelson-test-schemas'));

export interface TestOptions extends Partial<ApiServerOptions> {
  /** HTTPS with the cluster's own authority; plain HTTP otherwise. */
  secure?: boolean;
}

export async function startApi({ secure = false, ...options }: TestOptions = {}): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'keelson-api-'));
  const store = options.store ?? openMemoryStore();
  const problems: Error[] = [];

  const server = await createApiServer({
    store,
    schemas: await schemas,
    openAuth: (view) => openAuth({ directory, view, now: Date.now }),
    ...(secure && { certificates: certificatesOf }),
    problem: (error) => void problems.push(error),
    ...options,
  });
  const url = await server.listen();
  const agent = secure
    ? new SecureAgent({ keepAlive: true, ca: server.auth.authority.pair.certificate })
    : new Agent({ keepAlive: true });
  const send = (method: string, path: string, { headers, token }: Ask, done: (answer: IncomingMessage) => void) => {
    const bearer = token ?? (secure ? server.auth.adminToken : '');
    const authorization: Record<string, string> = bearer === '' ? {} : { authorization: `Bearer ${bearer}` };
    const make = secure ? httpsRequest : httpRequest;
    return make(url + path, { method, agent, headers: { ...authorization, ...headers } }, done);
  };
  const ask: TestServer['ask'] = (method, path, given = {}) =>
    new Promise((resolve, reject) => {
      const { body, bytes = body === undefined ? undefined : JSON.stringify(body) } = given;
      const length = bytes === undefined ? undefined : String(Buffer.byteLength(bytes));
      const bodyHeaders: Record<string, string> =
        length === undefined ? {} : { 'content-type': 'application/json', 'content-length': length };
      const headers = { ...bodyHeaders, ...given.headers };
      const request = send(method, path, { ...given, headers }, (message) => {
        const chunks: Buffer[] = [];
        message.on('data', (chunk: Buffer) => chunks.push(chunk));
        message.on('end', () => resolve(answerOf(message, Buffer.concat(chunks).toString())));
        message.on('error', reject);
      });
      request.on('error', reject);
      request.end(bytes);
    });
  return {
    server,
    store,
    url,
    problems,
    ask,
    get: (path, headers) => ask('GET', path, { headers }),
    post: (path, body, headers) => ask('POST', path, { body, headers }),
    put: (path, body) => ask('PUT', path, { body }),
    patch: (path, type, body) => ask('PATCH', path, { body, headers: { 'content-type': PATCH_TYPES[type] } }),
    delete: (path, body) => ask('DELETE', path, { body }),
    watch: (path, headers) => openWatch((done) => send('GET', path, { headers }, done)),
    async close() {
      agent.destroy();
      await server.close();
      if (options.store === undefined) await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function certificatesOf({ authority }: ApiServer['auth']) {
  const { certificate, key } = await authority.serverCertificate();
  return { certificate, key, authority: authority.pair.certificate };
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, text: string): Answer {
  const isJson = headers['content-type']?.startsWith('application/json') && text !== '';
  return { code: statusCode, headers, text, body: isJson ? JSON.parse(text) : {} };
}

function openWatch(send: (done: (answer: IncomingMessage) => void) => ReturnType<typeof httpRequest>): SeenWatch {
  const events: SeenEvent[] = [];
  const waiting = new Set<() => void>();
  let end: () => void;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let rest = '';
  const request = send((message) => {
    message.setEncoding('utf8');
    message.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') events.push(parsed(line));
      for (const check of waiting) check();
    });
    message.on('close', () => {
      if (rest !== '') events.push(parsed(rest));
      for (const check of waiting) check();
      end();
    });
    message.on('error', () => end());
  });
  request.on('error', () => end());
  request.end();
  return {
    events,
    ended,
    stop: () => void request.destroy(),
    until: (enough) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(check);
          reject(new Error(`after ten seconds the watch has seen ${JSON.stringify(events).slice(0, 2000)}`));
        }, 10_000);
        const check = (): void => {
          if (!enough(events)) return;
          clearTimeout(timer);
          waiting.delete(check);
          resolve(events);
        };
        waiting.add(check);
        check();
      }),
  };
}

/** A refusal before the first event comes as a Status and not as an event. */
function parsed(line: string): SeenEvent {
  const value = JSON.parse(line) as SeenEvent;
  return value.type === undefined ? { type: 'REFUSED', object: value } : value;
}

// --- objects -------------------------------------------------------------------------------------------------------

export function configMap(name: string, data: Record<string, string> = {}, labels?: Record<string, string>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...(labels && { labels }) }, data };
}

export function plainPod(name: string, spec: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec },
  };
}

export function deployment(name: string, replicas = 1): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    },
  };
}
