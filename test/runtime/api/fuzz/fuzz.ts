/** Sends odd requests to a server of its own, several at a time, and tells what came of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Random } from '../../../../core/index.ts';
import type { ApiServer } from '../../../../runtime/api/server.ts';
import { startCluster } from '../../../../runtime/up/cluster.ts';
import { type Answer, connect, type TestClient } from '../../../support/api-client.ts';
import { startApi } from '../../../support/api-server.ts';
import { definitionOf } from '../../../support/every-kind.ts';
import { FUZZED_NAMESPACE, type OddRequest, OddRequests } from './odd-requests.ts';

const UNDER_WAY = 8;

export interface Found {
  codes: Record<string, number>;
  faults: { request: string; why: string }[];
  /** MB, after a garbage collection. */
  heapBefore: number;
  heapAfter: number;
}

export interface FuzzOptions {
  requests: number;
  seed: number;
  /** With scheduler, controllers and nodes, which all see what the requests leave behind. */
  whole?: boolean;
}

/** The server is asked whether it is ready at the end; what it reports as a fault of its own is one. */
export async function fuzz({ requests, seed, whole = false }: FuzzOptions): Promise<Found> {
  const found: Found = { codes: {}, faults: [], heapBefore: 0, heapAfter: 0 };
  const { server, client, problems, close } = whole ? await wholeCluster() : await serverAlone();
  try {
    await furnish(client);
    const odd = new OddRequests(new Random(seed), server.parts.schemas, server.kinds);
    const first = Math.floor(requests / 3);
    await send(client, odd, first, found);
    found.heapBefore = await heapMb();
    await send(client, odd, requests - first, found);
    found.heapAfter = await heapMb();
    if ((await client.get('/readyz')).text !== 'ok') found.faults.push({ request: '/readyz', why: 'not ready' });
  } finally {
    await close();
  }
  for (const { message, cause } of problems) {
    found.faults.push({ request: message, why: cause instanceof Error ? (cause.stack ?? cause.message) : '' });
  }
  return found;
}

interface Fuzzed {
  server: ApiServer;
  client: TestClient;
  /** What the server reported as faults of its own. */
  problems: readonly Error[];
  close(): Promise<void>;
}

/** What is written is forgotten soon, so that the heap shows what is kept by mistake. */
async function serverAlone(): Promise<Fuzzed> {
  const api = await startApi({ compactEveryMs: 200, history: { events: 1000, bytes: 1 << 20 } });
  return { server: api.server, client: api, problems: api.problems, close: () => api.close() };
}

async function wholeCluster(): Promise<Fuzzed> {
  const dataDir = mkdtempSync(join(tmpdir(), 'keelson-fuzz-'));
  const problems: Error[] = [];
  const options = { dataDir, store: 'memory', host: '127.0.0.1', port: 0, insecure: true, nodes: 3 } as const;
  const cluster = await startCluster({ ...options, problem: (error) => void problems.push(error) });
  const client = connect({ url: cluster.url });
  const close = async (): Promise<void> => {
    client.disconnect();
    await cluster.stop();
    rmSync(dataDir, { recursive: true });
  };
  return { server: cluster.server, client, problems, close };
}

async function furnish(api: TestClient): Promise<void> {
  await api.post('/api/v1/namespaces', { metadata: { name: FUZZED_NAMESPACE } });
  const definition = { metadata: { name: 'gadgets.example.com' }, ...definitionOf('gadgets') };
  await api.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
  while ((await api.get('/apis/example.com/v1')).code !== 200) await pause(5);
}

async function send(api: TestClient, odd: OddRequests, requests: number, found: Found): Promise<void> {
  let left = requests;
  const sender = async (): Promise<void> => {
    while (left-- > 0) {
      const request = odd.next();
      const { code, text } = await ask(api, request);
      found.codes[code] = (found.codes[code] ?? 0) + 1;
      if (code >= 500) found.faults.push({ request: `${request.method} ${request.path} ${request.bytes}`, why: text });
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, sender));
}

async function ask(
  api: TestClient,
  { method, path, headers, bytes }: OddRequest,
): Promise<Pick<Answer, 'code' | 'text'>> {
  return api.ask(method, path, { headers, ...(bytes !== undefined && { bytes }) });
}

/** The heap that is left when all that nobody holds is gone. */
async function heapMb(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // Timers of the server's own let go of more.
  for (let i = 0; i < 3; i++) {
    await pause(300);
    collect();
  }
  return Math.round(process.memoryUsage().heapUsed / 1e5) / 10;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
