/** A thousand watches, one of which reads nothing: it costs a bounded amount, loses its place, and is told so; the others see all. */
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openMemoryStore } from '../../../../runtime/store/memory/memory-store.ts';
import { configMap, startApi } from '../../../support/api-server.ts';

const WATCHES = 1_000;
const QUIET = '/api/v1/namespaces/default/configmaps';
const LOUD = '/api/v1/namespaces/kube-public/configmaps';
/** More than sockets of both sides take, many times over. */
const LARGE = { data: 'x'.repeat(400_000) };
const ROUNDS = 150;
/** What may be held more than before: history of 8 MiB as bytes, objects and texts, a socket's buffer, what readers have read. */
const MEMORY_LIMIT = 100e6;

interface Reader {
  socket: Socket;
  text(): string;
  ended: Promise<void>;
}

test('of a thousand watches one is stuck: memory is bounded, it ends with 410, the others see every event', async () => {
  // A store that remembers little, as it is not what is measured.
  const store = openMemoryStore({ retention: { revisions: 5, ms: 5 } });
  const api = await startApi({ store, history: { events: 200, bytes: 8 << 20 } });
  const stuck = watch(api.url, '/api/v1/configmaps?watch=1');
  await arrived(stuck, '"kube-root-ca.crt"');
  stuck.socket.pause();
  const readers = Array.from({ length: WATCHES - 1 }, () => watch(api.url, `${QUIET}?watch=1&resourceVersion=0`));
  await Promise.all(readers.map((reader) => arrived(reader, '"kube-root-ca.crt"')));
  const before = await held();
  await api.post(LOUD, configMap('large', LARGE));
  const names: string[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    await api.put(`${LOUD}/large`, configMap('large', { ...LARGE, i: `${i}` }));
    if (i % 10 > 0) continue;
    names.push(`quiet-${i}`);
    await api.post(QUIET, configMap(`quiet-${i}`));
  }
  await Promise.all(readers.map((reader) => arrived(reader, `"${names.at(-1)}"`)));
  const grown = (await held()) - before;
  for (const reader of readers) {
    const seen = reader
      .text()
      .split('\n')
      .filter((line) => line.startsWith('{"type"'))
      .map((line) => JSON.parse(line).object.metadata.name as string);
    assert.equal(
      seen.filter((name) => name.startsWith('quiet-')),
      names,
    );
  }
  assert.ok(grown < MEMORY_LIMIT, `${grown} bytes more`);
  console.log(
    `${WATCHES} watches; ${ROUNDS * LARGE.data.length} bytes written past one that was stuck, ${grown} bytes more held`,
  );

  stuck.socket.resume();
  await stuck.ended;
  assert.match(stuck.text().slice(-2_000), /"type":"ERROR".*"code":410/);
  for (const { socket } of readers) socket.destroy();
  await api.close();
  await store.close();
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that something still refers to. Memory outside of the heap is freed after the collection that lets go of it. */
async function held(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await new Promise((next) => setImmediate(next));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function watch(url: string, path: string): Reader {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  socket.on('error', () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n`);
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { socket, text: () => text, ended };
}

async function arrived(reader: Reader, what: string): Promise<void> {
  for (let i = 0; i < 3_000; i++) {
    if (reader.text().includes(what)) return;
    await new Promise((next) => setTimeout(next, 10));
  }
  assert.unreachable(`${what} did not arrive`);
}

test.run();
